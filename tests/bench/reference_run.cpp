#include "reference_run.hpp"

#include <algorithm>

#include "both_orders.hpp"

namespace mpinmf::bench {
namespace {

struct Entry {
  Index column;
  double value;
};

/// What each rank brings, one after the other, on the root; nothing elsewhere.
template <class T>
std::vector<T> bring_together(const Comm& comm, const std::vector<T>& own) {
  std::vector<Index> counts(static_cast<std::size_t>(comm.size()));
  counts.front() = static_cast<Index>(own.size());
  return comm.exchange(std::span<const T>(own), std::span<const Index>(counts)).values;
}

CsrRows<double> whole_matrix(const DataMatrix<double>& v) {
  std::vector<Entry> entries;
  std::vector<Index> lengths;
  std::vector<std::pair<Index, double>> of_row;
  for (Index p = 0; p < v.panels(); ++p) {
    const RowPanel<double> panel = v.panel(p);
    for (Index i = 0; i < v.panel_rows(p).count; ++i) {
      v.read_row(panel, i, of_row);
      for (const auto& [column, value] : of_row) entries.push_back({column, value});
      lengths.push_back(static_cast<Index>(of_row.size()));
    }
  }
  entries = bring_together(v.comm(), entries);
  lengths = bring_together(v.comm(), lengths);
  CsrRows<double> whole;
  whole.columns = v.columns();
  for (const Index length : lengths) whole.offsets.push_back(whole.offsets.back() + length);
  for (const Entry& entry : entries) {
    whole.indices.push_back(static_cast<ColumnIndex>(entry.column));
    whole.values.push_back(entry.value);
  }
  return whole;
}

/// rows x k of consecutive numbers, padded.
Matrix<double> padded_factor(const std::vector<double>& numbers, Index components) {
  const auto rows = static_cast<Index>(numbers.size()) / components;
  Matrix<double> x = Matrix<double>::padded(rows, components);
  for (Index i = 0; i < rows; ++i) std::copy_n(numbers.data() + i * components, components, x.row(i));
  return x;
}

std::vector<double> numbers_of(ConstMatrixView<double> x) {
  std::vector<double> numbers;
  for (Index i = 0; i < x.rows(); ++i) numbers.insert(numbers.end(), x.row(i), x.row(i) + x.columns());
  return numbers;
}

}  // namespace

void run_reference(const DataMatrix<double>& v, const Nmf<double>& start,
                   const std::function<bool(double loss)>& goes_on) {
  const Comm& comm = v.comm();
  const Index k = start.w().columns();
  const CsrRows<double> whole = whole_matrix(v);
  const std::vector<double> w_numbers = bring_together(comm, numbers_of(start.w()));
  comm.meet_on_root([&] {
    Matrix<double> w = padded_factor(w_numbers, k), ht = padded_factor(numbers_of(start.ht()), k);
    minimise_in_both_orders(whole, w.view(), ht.view(), goes_on);
  });
}

}  // namespace mpinmf::bench
