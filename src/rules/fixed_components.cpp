#include "fixed_components.hpp"

#include <algorithm>
#include <utility>

namespace mpinmf {
namespace {

/// Copies the fixed components to scratch.kept, r x |C|, or back.
template <class T>
void keep(const std::vector<Index>& fixed, ConstMatrixView<T> x, Matrix<T>& kept) {
  for (Index i = 0; i < x.rows(); ++i) {
    T* to = kept.row(i);
    for (const Index c : fixed) *to++ = x(i, c);
  }
}
template <class T>
void put_back(const std::vector<Index>& fixed, const Matrix<T>& kept, MatrixView<T> x) {
  for (Index i = 0; i < x.rows(); ++i) {
    const T* from = kept.row(i);
    for (const Index c : fixed) x(i, c) = *from++;
  }
}

/// b_F - x_C G_CF, summed in double, and 0 for C.
template <class T>
void leave_to_free(const HalfStep<T>& half_step, ConstMatrixView<T> numerator, const Matrix<T>& kept,
                   MatrixView<T> to) {
  const std::vector<Index>& fixed = half_step.settings.fixed;
  const ConstMatrixView<double> gram = half_step.gram_with_fixed.view();
  for (Index i = 0; i < to.rows(); ++i) {
    const T* const x = kept.row(i);
    for (Index c = 0; c < to.columns(); ++c) {
      auto left = static_cast<double>(numerator(i, c));
      for (Index f = 0; f < gram.columns(); ++f) left -= static_cast<double>(x[f]) * gram(c, f);
      to(i, c) = static_cast<T>(left);
    }
    for (const Index c : fixed) to(i, c) = 0;
  }
}

}  // namespace

template <class T>
void set_fixed_components(const Rule<T>& rule, HalfStep<T>& half_step) {
  half_step.repeats = 1;
  const std::vector<Index>& fixed = half_step.settings.fixed;
  if (fixed.empty()) return;
  const Index k = half_step.exact_gram.rows(), count = static_cast<Index>(fixed.size());
  if (rule.locks_zeros) {
    if (rule.takes_rounds) half_step.repeats = std::exchange(half_step.settings.most_rounds, 1);
    return;
  }
  if (half_step.gram_with_fixed.rows() != k) half_step.gram_with_fixed = Matrix<double>(k, count);
  for (Index f = 0; k > 0 && f < count; ++f) {
    const Index a = fixed[static_cast<std::size_t>(f)];
    for (Index c = 0; c < k; ++c) {
      // G_CC is 0 by now where both are fixed, which is not looked at
      half_step.gram_with_fixed(c, f) = half_step.exact_gram(c, a);
      half_step.exact_gram(a, c) = half_step.exact_gram(c, a) = 0;
      half_step.gram(a, c) = half_step.gram(c, a) = 0;
    }
  }
}
template void set_fixed_components(const Rule<float>&, HalfStep<float>&);
template void set_fixed_components(const Rule<double>&, HalfStep<double>&);

template <class T>
double move_free_components(const Rule<T>& rule, const HalfStep<T>& half_step, const Statistics<T>& statistics,
                            RuleScratch<T>& scratch, const MovedRows<T>& rows) {
  const std::vector<Index>& fixed = half_step.settings.fixed;
  const MatrixView<T> x = rows.x;
  Statistics<T> seen = statistics;
  keep<T>(fixed, x, scratch.kept);
  if (!rule.locks_zeros) {
    const MatrixView<T> numerator = scratch.product.view().middle_rows(0, x.rows());
    leave_to_free<T>(half_step, statistics[Statistic::numerator], scratch.kept, numerator);
    seen[Statistic::numerator] = numerator;
    for (Index i = 0; i < x.rows(); ++i) {
      for (const Index c : fixed) x(i, c) = 0;
    }
  }
  double moved = 0;
  for (int i = 0; i < half_step.repeats; ++i) {
    moved += rule.move(half_step, seen, scratch, rows);
    put_back(fixed, scratch.kept, x);
  }
  return moved;
}
template double move_free_components(const Rule<float>&, const HalfStep<float>&, const Statistics<float>&,
                                     RuleScratch<float>&, const MovedRows<float>&);
template double move_free_components(const Rule<double>&, const HalfStep<double>&, const Statistics<double>&,
                                     RuleScratch<double>&, const MovedRows<double>&);

}  // namespace mpinmf
