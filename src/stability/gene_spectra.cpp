#include "gene_spectra.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "init/small_svd.hpp"
#include "rules/active_set.hpp"

namespace mpinmf::stability {

NonNegativeSolver::NonNegativeSolver(const Matrix<double>& gram)
    : units_(static_cast<std::size_t>(gram.rows())),
      gram_(gram.rows(), gram.rows()),
      scaled_(units_.size()),
      numbers_(static_cast<std::size_t>(active_set_numbers(gram.rows()))),
      places_(static_cast<std::size_t>(active_set_places(gram.rows()))) {
  const Index k = gram.rows();
  for (Index c = 0; c < k; ++c)
    units_[static_cast<std::size_t>(c)] = gram(c, c) > 0 ? 1 / std::sqrt(gram(c, c)) : 0;
  for (Index c = 0; c < k; ++c) {
    for (Index d = 0; d < k; ++d)
      gram_(c, d) = gram(c, d) * units_[static_cast<std::size_t>(c)] * units_[static_cast<std::size_t>(d)];
  }
}

void NonNegativeSolver::solve(std::span<const double> b, std::span<double> x) {
  const double share = 4 * static_cast<double>(units_.size()) * std::numeric_limits<double>::epsilon();
  std::transform(b.begin(), b.end(), units_.begin(), scaled_.begin(), std::multiplies<>());
  minimise_by_active_set({std::as_const(gram_).view(), share, 0}, scaled_, x, numbers_.data(), places_.data());
  std::transform(x.begin(), x.end(), units_.begin(), x.begin(), std::multiplies<>());
}

Matrix<double> least_squares(const Matrix<double>& gram, ConstMatrixView<double> right) {
  const Index k = gram.rows();
  SmallSvd svd(k, k);
  Matrix<double> lost = gram.copy();
  decompose(lost.view(), svd);
  const double least =
      static_cast<double>(k) * std::numeric_limits<double>::epsilon() * (k > 0 ? svd.values.front() : 0);
  // pinv(G) = rotation' diag(1 / values) x', and G is symmetric
  Matrix<double> inverse(k, k);
  for (Index v = 0; v < k; ++v) {
    const double value = svd.values[static_cast<std::size_t>(v)];
    if (!(value > least)) continue;
    for (Index c = 0; c < k; ++c) {
      for (Index d = 0; d < k; ++d) inverse(c, d) += svd.rotation(v, c) * svd.x(d, v) / value;
    }
  }
  Matrix<double> solution(right.rows(), k);
  for (Index j = 0; j < right.rows(); ++j) {
    for (Index c = 0; c < k; ++c) {
      for (Index d = 0; d < k; ++d) solution(j, c) += inverse(c, d) * right(j, d);
    }
  }
  return solution;
}

}  // namespace mpinmf::stability
