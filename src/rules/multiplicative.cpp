// Lee and Seung, Algorithms for non-negative matrix factorization, NIPS 2001, equations 4 and 5; the exponent for
// beta outside [1, 2] is that of Fevotte and Idier 2011, table 2.
#include <cassert>
#include <cmath>

#include "kernels/blas.hpp"
#include "rule.hpp"

namespace mpinmf {
namespace {

// x <- x (numerator / denominator)^exponent. 0/0 and x/0 are 0; a positive product stays positive.
template <class T, class Power>
void move_row(T* x, const T* numerator, const T* denominator, Index count, T zero_below, Power power) {
  for (Index c = 0; c < count; ++c) {
    const T quotient = denominator[c] > 0 ? numerator[c] / denominator[c] : T(0);
    T moved = x[c] * power(quotient);
    moved = x[c] > 0 && quotient > 0 && moved < least_positive<T> ? least_positive<T> : moved;
    x[c] = moved < zero_below ? T(0) : moved;
  }
}

}  // namespace

template <class T>
void multiplicative(const Statistics<T>& statistics, const RuleSettings& settings, MatrixView<T> scratch,
                    MatrixView<T> x) {
  assert(statistics.numerator.rows() == x.rows() && statistics.numerator.columns() == x.columns());
  if (statistics.shape == StatisticsShape::gram) multiply(x, statistics.denominator, scratch);  // X G
  const T zero_below = static_cast<T>(settings.zero_below);
  const auto exponent = static_cast<T>(settings.exponent);
  const Index count = x.columns();
  for (Index i = 0; i < x.rows(); ++i) {
    const T* numerator = statistics.numerator.row(i);
    const T* denominator = statistics.shape == StatisticsShape::gram     ? scratch.row(i)
                           : statistics.shape == StatisticsShape::vector ? statistics.denominator.row(0)
                                                                         : statistics.denominator.row(i);
    if (settings.exponent == 1) {
      move_row(x.row(i), numerator, denominator, count, zero_below, [](T q) { return q; });
    } else if (settings.exponent == 0.5) {
      move_row(x.row(i), numerator, denominator, count, zero_below, [](T q) { return std::sqrt(q); });
    } else {
      move_row(x.row(i), numerator, denominator, count, zero_below, [=](T q) { return std::pow(q, exponent); });
    }
  }
}

template void multiplicative(const Statistics<float>&, const RuleSettings&, MatrixView<float>, MatrixView<float>);
template void multiplicative(const Statistics<double>&, const RuleSettings&, MatrixView<double>,
                             MatrixView<double>);

double multiplicative_exponent(double beta) {
  if (beta < 1) return 1 / (2 - beta);
  if (beta > 2) return 1 / (beta - 1);
  return 1;
}

}  // namespace mpinmf
