#include "stability/medians.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

namespace mpinmf::stability {
namespace {

/// Reorders. @pre not empty
double median_of(std::vector<double>& numbers) {
  const auto middle = numbers.begin() + static_cast<std::ptrdiff_t>(numbers.size() / 2);
  std::nth_element(numbers.begin(), middle, numbers.end());
  if (numbers.size() % 2 == 1) return *middle;
  return (*std::max_element(numbers.begin(), middle) + *middle) / 2;
}

}  // namespace

Matrix<double> medians_of_clusters(ConstMatrixView<double> rows, std::span<const Index> labels, Index k) {
  Matrix<double> medians(k, rows.columns());
  std::vector<double> column;
  for (Index c = 0; c < k; ++c) {
    std::vector<const double*> members;
    for (Index i = 0; i < rows.rows(); ++i) {
      if (labels[static_cast<std::size_t>(i)] == c) members.push_back(rows.row(i));
    }
    if (members.empty()) continue;
    for (Index j = 0; j < rows.columns(); ++j) {
      column.clear();
      for (const double* member : members) column.push_back(member[j]);
      medians(c, j) = median_of(column);
    }
  }
  return medians;
}

void make_sums_one(MatrixView<double> rows) {
  for (Index i = 0; i < rows.rows(); ++i) {
    double* row = rows.row(i);
    const double sum = std::accumulate(row, row + rows.columns(), 0.0);
    if (sum > 0) std::transform(row, row + rows.columns(), row, [sum](double x) { return x / sum; });
  }
}

}  // namespace mpinmf::stability
