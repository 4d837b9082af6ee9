// Rows of W that sum up to 1: least squares over what is looked at of a row, solved exactly.
#include <algorithm>
#include <utility>

#include "kernels/blocks.hpp"
#include "kernels/panel.hpp"
#include "row_newton.hpp"

namespace mpinmf {

/// One half-step: H_row H_row' and v H_row' of the entries that are looked at say it all.
void RowNewton::solve_on_simplex() {
  const VectorKernels<double>& kernels = vector_kernels<double>();
  const Block<const double> h = block(h_);
  for (Index c = 0; c < k_; ++c) std::fill_n(curvature_.row(c), k_, 0.0);
  kernels.multiply_transposed(h, h, block(curvature_.view()), 0);
  kernels.multiply({v_.data(), 1, entries_, entries_}, h, {numerator_.row(0), 1, k_, numerator_.stride()}, false);
  begin_half_step(pivoting_, problem_.settings, std::as_const(curvature_).view(), half_step_);
  move_by_pivoting(w_);
}

void RowNewton::move_by_pivoting(Matrix<double>& row) {
  pivoting_.move(
      half_step_,
      {{Statistic::numerator, std::as_const(numerator_).view()}, {Statistic::gram, half_step_.gram.view()}},
      scratch_, {row.view(), {}});
}

}  // namespace mpinmf
