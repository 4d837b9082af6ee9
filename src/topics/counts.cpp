#include "counts.hpp"

#include <utility>
#include <vector>

#include "orderless_sums.hpp"

namespace mpinmf::topics {
namespace {

/// take(entries) for each row of this rank; columns are V's.
template <class T, class Take>
void each_row(const DataMatrix<T>& v, Take&& take) {
  std::vector<std::pair<Index, double>> entries;
  for (Index i = 0; i < v.rows_local(); ++i) {
    v.move_window(i, 1);
    v.read_row(v.rows(i, 1), 0, entries);
    take(entries);
  }
}

}  // namespace

template <class T>
std::vector<double> sums_of_columns(const DataMatrix<T>& v) {
  OrderlessSums sums(static_cast<std::size_t>(v.columns()), v.rows_global(), v.summary().maximum);
  each_row(v, [&](const auto& entries) {
    for (const auto& [column, value] : entries) sums.add(static_cast<std::size_t>(column), value);
  });
  return sums.total(v.comm());
}

template <class T>
PairCounts count_documents(const DataMatrix<T>& v, const TermPairs& pairs) {
  std::vector<Index> term_of(static_cast<std::size_t>(v.columns()), TermPairs::no_term);
  for (Index term = 0; term < pairs.terms(); ++term) {
    term_of[static_cast<std::size_t>(pairs.features()[static_cast<std::size_t>(term)])] = term;
  }
  PairCounts counts(pairs);
  counts.units = v.rows_local();
  std::vector<bool> is_there(static_cast<std::size_t>(pairs.terms()));
  std::vector<Index> present;
  each_row(v, [&](const auto& entries) {
    present.clear();
    for (const auto& [column, value] : entries) {
      const Index term = term_of[static_cast<std::size_t>(column)];
      if (term == TermPairs::no_term || !(value > 0)) continue;
      is_there[static_cast<std::size_t>(term)] = true;
      present.push_back(term);
    }
    for (const Index term : present) {
      ++counts.terms[static_cast<std::size_t>(term)];
      is_there[static_cast<std::size_t>(term)] = false;  // so that a pair counts once
      for (const auto& [other, pair] : pairs.partners(term)) {
        if (is_there[static_cast<std::size_t>(other)]) ++counts.pairs[static_cast<std::size_t>(pair)];
      }
    }
  });
  counts.sum(v.comm());
  return counts;
}

template std::vector<double> sums_of_columns(const DataMatrix<float>&);
template std::vector<double> sums_of_columns(const DataMatrix<double>&);
template PairCounts count_documents(const DataMatrix<float>&, const TermPairs&);
template PairCounts count_documents(const DataMatrix<double>&, const TermPairs&);

}  // namespace mpinmf::topics
