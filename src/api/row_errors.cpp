#include "row_errors.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "scaled_pair.hpp"

namespace mpinmf {
template <class T>
std::vector<double> row_errors(const DataMatrix<T>& v, ConstMatrixView<T> w, ConstMatrixView<T> ht,
                               std::span<const Index> rows, Missing missing) {
  const Index k = ht.columns();
  const EntryScales scales(v);
  Matrix<double> gram(k, k);
  for (Index j = 0; j < ht.rows(); ++j) {
    const double scale = scales.of_column(j) * scales.of_column(j);
    for (Index a = 0; a < k; ++a) {
      for (Index b = 0; b < k; ++b)
        gram(a, b) += scale * static_cast<double>(ht(j, a)) * static_cast<double>(ht(j, b));
    }
  }
  std::vector<double> errors(rows.size());
  std::vector<std::pair<Index, double>> entries;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const Index i = rows[r] - v.first_row();
    if (i < 0 || i >= v.rows_local()) continue;  // another rank's, which adds it
    v.read_row(v.rows(i, 1), 0, entries);
    double of_zeros = 0, residual = 0, norm = 0;
    const double of_row = scales.of_row(i);
    if (missing != Missing::zeros && static_cast<Index>(entries.size()) < v.columns()) {
      for (Index a = 0; a < k; ++a) {
        for (Index b = 0; b < k; ++b)
          of_zeros += gram(a, b) * static_cast<double>(w(i, a)) * static_cast<double>(w(i, b));
      }
      of_zeros *= of_row * of_row;
    }
    for (const auto& [j, value] : entries) {
      double model = 0;
      for (Index c = 0; c < k; ++c) model += static_cast<double>(w(i, c)) * static_cast<double>(ht(j, c));
      model *= of_row * scales.of_column(j);
      of_zeros -= model * model;
      if (value != value) continue;
      residual += (value - model) * (value - model);
      norm += value * value;
    }
    errors[r] = std::sqrt((residual + std::max(of_zeros, 0.0)) / norm);
    if (norm == 0) errors[r] = std::numeric_limits<double>::quiet_NaN();
  }
  v.comm().sum(errors);
  return errors;
}
template std::vector<double> row_errors(const DataMatrix<float>&, ConstMatrixView<float>, ConstMatrixView<float>,
                                        std::span<const Index>, Missing);
template std::vector<double> row_errors(const DataMatrix<double>&, ConstMatrixView<double>,
                                        ConstMatrixView<double>, std::span<const Index>, Missing);

}  // namespace mpinmf
