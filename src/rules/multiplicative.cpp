// Lee and Seung, Algorithms for non-negative matrix factorization, NIPS 2001, equations 4 and 5; the exponent for
// beta outside [1, 2] is that of Fevotte and Idier 2011, table 2. Penalties raise the denominator, as in
// scikit-learn. With inner rounds: Gillis and Glineur, Accelerated multiplicative updates and hierarchical ALS
// algorithms, Neural Computation 24 (2012), algorithm 3.
#include <cassert>
#include <optional>

#include "kernels/denormals.hpp"
#include "kernels/panel.hpp"
#include "rounds.hpp"
#include "rule.hpp"

namespace mpinmf {

struct MultiplicativeRounds;  // kernels/level/multiplicative_rounds.cpp

namespace {

/// x <- x (numerator / denominator)^exponent. 0/0 and x/0 are 0; a positive product stays positive.
template <class T>
double multiplicative(const HalfStep<T>& half_step, const Statistics<T>& statistics, RuleScratch<T>& scratch,
                      const MovedRows<T>& rows) {
  const MatrixView<T> x = rows.x;
  const RuleSettings& settings = half_step.settings;
  const ConstMatrixView<T> numerator = statistics[Statistic::numerator],
                           column_sums = statistics[Statistic::column_sums];
  assert(numerator.rows() == x.rows() && numerator.columns() == x.columns());
  ConstMatrixView<T> denominator = column_sums.rows() > 0 ? column_sums : statistics[Statistic::denominator];
  double l2 = settings.l2;
  if (statistics[Statistic::gram].rows() > 0) {
    const MatrixView<T> product = scratch.product.view().middle_rows(0, x.rows());
    multiply_padded<T>(x, half_step.gram.view(), product);  // X G, which holds l2 X
    denominator = product;
    l2 = 0;
  }
  // Entries at the floor of single precision times a quotient below 1: raised to the floor again. A root of a
  // quotient that is flushed need not be so small.
  std::optional<FlushDenormals> flush;
  if (settings.exponent == 1) flush.emplace();
  const Index row_apart = column_sums.rows() > 0 ? 0 : denominator.stride();
  vector_kernels<T>().move({x.data(), x.rows(), x.columns(), x.stride()},
                           {numerator.data(), x.rows(), x.columns(), numerator.stride()},
                           {denominator.data(), x.rows(), x.columns(), row_apart},
                           {settings.exponent, static_cast<T>(settings.zero_below), least_positive<T>,
                            static_cast<T>(settings.l1), static_cast<T>(l2)});
  return 0;
}

}  // namespace

template <class T>
Rule<T> make_rule(RuleFile<struct Multiplicative>) {
  Rule<T> rule;
  rule.name = "mu";
  rule.move = multiplicative<T>;
  rule.takes = rising_parts;
  rule.default_for = DefaultFor::any_loss;
  rule.locks_zeros = true;
  return rule;
}
template Rule<float> make_rule(RuleFile<struct Multiplicative>);
template Rule<double> make_rule(RuleFile<struct Multiplicative>);

template <class T>
Rule<T> make_rule(RuleFile<struct AcceleratedMultiplicative>) {
  Rule<T> rule;
  rule.name = "amu";
  rule.move = move_by_rounds<T, MultiplicativeRounds>;
  rule.room = room_of_rounds<T>;
  rule.needs = least_squares_statistics;
  rule.takes_rounds = rule.locks_zeros = true;
  return rule;
}
template Rule<float> make_rule(RuleFile<struct AcceleratedMultiplicative>);
template Rule<double> make_rule(RuleFile<struct AcceleratedMultiplicative>);

}  // namespace mpinmf
