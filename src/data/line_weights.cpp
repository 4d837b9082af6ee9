#include "line_weights.hpp"

#include <fmt/core.h>

#include <span>
#include <utility>

namespace mpinmf {

template <class T>
WeightsOf weights_of(const DataMatrix<T>& v, const DataMatrix<T>& weights) {
  const Index m = v.rows_global(), n = v.columns();
  const bool fits_rows = weights.rows_global() == m, fits_columns = weights.columns() == n;
  const bool are_of_entries = fits_rows && fits_columns, are_of_rows = fits_rows && weights.columns() == 1,
             are_of_columns = fits_columns && weights.rows_global() == 1;
  v.comm().meet([&] {
    if (!are_of_entries && !are_of_rows && !are_of_columns) {
      throw ShapeMismatch(fmt::format(
          "{}: weights are {} x {}, but V is {} x {}: give one of each entry, a column with one of each row, or a "
          "row with one of each column",
          weights.name(), weights.rows_global(), weights.columns(), m, n));
    }
    if (fits_rows && (weights.rows_local() != v.rows_local() || weights.first_row() != v.first_row())) {
      throw ShapeMismatch(fmt::format("{}: weights must be cut among ranks as V is", weights.name()));
    }
    if (weights.has_unknown()) {
      throw BadData(fmt::format(
          "{}: {} of the weights are not a number (NaN): an entry that does not count has the weight 0",
          weights.name(), weights.summary().unknown));
    }
  });
  if (are_of_entries) return WeightsOf::entries;
  return are_of_rows ? WeightsOf::rows : WeightsOf::columns;
}

template <class T>
std::vector<double> line_weights(const DataMatrix<T>& weights, WeightsOf lines) {
  std::vector<double> all;
  if (lines == WeightsOf::entries) return all;
  const bool by_row = lines == WeightsOf::rows;
  weights.comm().meet([&] {
    all.resize(static_cast<std::size_t>(by_row ? weights.rows_local() : weights.columns()));
    std::vector<std::pair<Index, double>> entries;
    for (Index i = 0; i < weights.rows_local(); ++i) {
      weights.read_row(weights.rows(i, 1), 0, entries);
      for (const auto& [column, weight] : entries) all[static_cast<std::size_t>(by_row ? i : column)] = weight;
    }
  });
  if (!by_row) weights.comm().sum(std::span(all));  // one rank has the row
  return all;
}

template WeightsOf weights_of(const DataMatrix<float>&, const DataMatrix<float>&);
template WeightsOf weights_of(const DataMatrix<double>&, const DataMatrix<double>&);
template std::vector<double> line_weights(const DataMatrix<float>&, WeightsOf);
template std::vector<double> line_weights(const DataMatrix<double>&, WeightsOf);

}  // namespace mpinmf
