// Lee and Seung, Algorithms for non-negative matrix factorization, NIPS 2001, equations 4 and 5; the exponent for
// beta outside [1, 2] is that of Fevotte and Idier 2011, table 2.
#include <cassert>

#include "kernels/panel.hpp"
#include "rule.hpp"

namespace mpinmf {

template <class T>
void multiplicative(const Statistics<T>& statistics, const RuleSettings& settings, MatrixView<T> scratch,
                    MatrixView<T> x) {
  assert(statistics.numerator.rows() == x.rows() && statistics.numerator.columns() == x.columns());
  ConstMatrixView<T> denominator = statistics.denominator;
  if (statistics.shape == StatisticsShape::gram) {
    multiply_padded<T>(x, statistics.denominator, scratch);  // X G
    denominator = scratch;
  }
  const Index row_apart = statistics.shape == StatisticsShape::vector ? 0 : denominator.stride();
  // x <- x (numerator / denominator)^exponent. 0/0 and x/0 are 0; a positive product stays positive.
  vector_kernels<T>().move({x.data(), x.rows(), x.columns(), x.stride()},
                           {statistics.numerator.data(), x.rows(), x.columns(), statistics.numerator.stride()},
                           {denominator.data(), x.rows(), x.columns(), row_apart},
                           {settings.exponent, static_cast<T>(settings.zero_below), least_positive<T>});
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
