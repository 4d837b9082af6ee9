// Cyclic coordinate descent, component by component: Cichocki and Phan, Fast local algorithms for large scale
// nonnegative matrix and tensor factorizations, IEICE Trans. E92-A (2009), algorithm 2, with the columns in order
// and no normalisation, which is scikit-learn's solver "cd". With inner rounds: Gillis and Glineur, Accelerated
// multiplicative updates and hierarchical ALS algorithms, Neural Computation 24 (2012), algorithm 4.
#include "rounds.hpp"

namespace mpinmf {
namespace {

/// x_c <- max(0, x_c + (b_c - l1 - (x G)_c) / G_cc) for c = 0, 1, ..., k - 1
template <class T>
double coordinate_descent(const HalfStep<T>& half_step, const Statistics<T>& statistics, RuleScratch<T>& scratch,
                          const MovedRows<T>& rows) {
  return vector_kernels<T>().coordinate_rounds(block(rows.x), block(statistics[Statistic::numerator]),
                                               block(half_step.gram.view()), round_settings<T>(half_step.settings),
                                               scratch.numbers.data());
}

template <class T>
Rule<T> any_hals(std::string_view name) {
  Rule<T> rule;
  rule.name = name;
  rule.move = coordinate_descent<T>;
  rule.reserve = reserve_rounds<T>;
  rule.needs = least_squares_statistics;
  rule.is_least_squares = rule.extrapolates = true;
  return rule;
}

}  // namespace

template <class T>
Rule<T> hals_rule() {
  return any_hals<T>("hals");
}
template <class T>
Rule<T> accelerated_hals_rule() {
  Rule<T> rule = any_hals<T>("ahals");
  rule.takes_rounds = true;
  return rule;
}
template Rule<float> hals_rule();
template Rule<double> hals_rule();
template Rule<float> accelerated_hals_rule();
template Rule<double> accelerated_hals_rule();

}  // namespace mpinmf
