#include "counts.hpp"

#include <numeric>

#include "orderless_sums.hpp"

namespace mpinmf::topics {
namespace {

/// The column of V that each column of the panels is.
template <class T>
std::vector<Index> columns_of_v(const DataMatrix<T>& v) {
  std::vector<Index> columns(static_cast<std::size_t>(v.columns()));
  std::iota(columns.begin(), columns.end(), Index{0});
  if (!v.column_order().empty()) columns.assign(v.column_order().begin(), v.column_order().end());
  return columns;
}

/// entry(column of the panels, value) for the stored entries of a row, then end(), row by row.
template <class T, class Entry, class End>
void each_row(const DataMatrix<T>& v, Entry&& entry, End&& end) {
  for (Index p = 0; p < v.panels(); ++p) {
    const RowPanel<T> rows = v.panel(p);
    for (Index i = 0; i < rows.rows(); ++i) {
      rows.for_stored(i, entry);
      end();
    }
  }
}

}  // namespace

template <class T>
std::vector<double> sums_of_columns(const DataMatrix<T>& v) {
  OrderlessSums sums(static_cast<std::size_t>(v.columns()), v.rows_global(), v.summary().maximum);
  const std::vector<Index> columns = columns_of_v(v);
  each_row(
      v,
      [&](Index j, T value) {
        sums.add(static_cast<std::size_t>(columns[static_cast<std::size_t>(j)]), static_cast<double>(value));
      },
      [] {});
  return sums.total(v.comm());
}

template <class T>
PairCounts count_documents(const DataMatrix<T>& v, const TermPairs& pairs) {
  std::vector<Index> term_of(static_cast<std::size_t>(v.columns()), TermPairs::no_term);
  for (Index term = 0; term < pairs.terms(); ++term) {
    term_of[static_cast<std::size_t>(pairs.features()[static_cast<std::size_t>(term)])] = term;
  }
  const std::vector<Index> columns = columns_of_v(v);
  PairCounts counts(pairs);
  counts.units = v.rows_local();
  std::vector<bool> is_there(static_cast<std::size_t>(pairs.terms()));
  std::vector<Index> present;
  each_row(
      v,
      [&](Index j, T value) {
        const Index term = term_of[static_cast<std::size_t>(columns[static_cast<std::size_t>(j)])];
        if (term == TermPairs::no_term || !(value > 0)) return;
        is_there[static_cast<std::size_t>(term)] = true;
        present.push_back(term);
      },
      [&] {
        for (const Index term : present) {
          ++counts.terms[static_cast<std::size_t>(term)];
          is_there[static_cast<std::size_t>(term)] = false;  // so that a pair counts once
          for (const auto& [other, pair] : pairs.partners(term)) {
            if (is_there[static_cast<std::size_t>(other)]) ++counts.pairs[static_cast<std::size_t>(pair)];
          }
        }
        present.clear();
      });
  counts.sum(v.comm());
  return counts;
}

template std::vector<double> sums_of_columns(const DataMatrix<float>&);
template std::vector<double> sums_of_columns(const DataMatrix<double>&);
template PairCounts count_documents(const DataMatrix<float>&, const TermPairs&);
template PairCounts count_documents(const DataMatrix<double>&, const TermPairs&);

}  // namespace mpinmf::topics
