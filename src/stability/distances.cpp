#include "stability/distances.hpp"

#include <cmath>
#include <functional>
#include <numeric>
#include <vector>

#include "kernels/blas.hpp"

namespace mpinmf::stability {
namespace {

/// Below it, d² = 1 + 1 - 2 cos has lost six digits, and d has some 1e-13 left.
constexpr double cancels = 1e-6;

double squared_distance(const double* a, const double* b, Index n) {
  return std::transform_reduce(a, a + n, b, 0.0, std::plus<>(),
                               [](double x, double y) { return (x - y) * (x - y); });
}

}  // namespace

Matrix<double> unit_rows(ConstMatrixView<double> rows) {
  const Index n = rows.columns();
  Matrix<double> unit(rows.rows(), n);
  for (Index i = 0; i < rows.rows(); ++i) {
    const double* from = rows.row(i);
    const double norm = std::sqrt(std::inner_product(from, from + n, from, 0.0));
    if (norm == 0) continue;
    for (Index j = 0; j < n; ++j) unit(i, j) = from[j] / norm;
  }
  return unit;
}

Matrix<double> euclidean_distances(ConstMatrixView<double> unit) {
  const Index rows = unit.rows(), n = unit.columns();
  Matrix<double> distances(rows, rows);
  multiply_by_transposed(unit, unit, distances.view());
  std::vector<double> norms2;
  for (Index i = 0; i < rows; ++i) norms2.push_back(distances(i, i));
  for (Index i = 0; i < rows; ++i) {
    distances(i, i) = 0;
    for (Index j = i + 1; j < rows; ++j) {
      double squared =
          norms2[static_cast<std::size_t>(i)] + norms2[static_cast<std::size_t>(j)] - 2 * distances(i, j);
      if (squared < cancels) squared = squared_distance(unit.row(i), unit.row(j), n);
      distances(i, j) = distances(j, i) = std::sqrt(squared);
    }
  }
  return distances;
}

}  // namespace mpinmf::stability
