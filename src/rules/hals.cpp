// Cyclic coordinate descent, component by component: Cichocki and Phan, Fast local algorithms for large scale
// nonnegative matrix and tensor factorizations, IEICE Trans. E92-A (2009), algorithm 2, with the columns in order
// and no normalisation, which is scikit-learn's solver "cd". With inner rounds: Gillis and Glineur, Accelerated
// multiplicative updates and hierarchical ALS algorithms, Neural Computation 24 (2012), algorithm 4.
#include "rounds.hpp"

namespace mpinmf {

/// x_c <- max(0, x_c + (b_c - l1 - (x G)_c) / G_cc) for c = 0, 1, ..., k - 1: kernels/level/coordinate_rounds.cpp
struct CoordinateRounds;
/// The same where a row has a Gram matrix of its own, over the entries of V that are known, each as often as it
/// counts: kernels/level/row_gram_rounds.cpp
struct RowGramRounds;

namespace {

template <class T>
double coordinate_descent(const HalfStep<T>& half_step, const Statistics<T>& statistics, RuleScratch<T>& scratch,
                          const MovedRows<T>& rows) {
  const ConstMatrixView<T> grams = statistics[Statistic::row_grams];
  if (grams.rows() == 0) return move_by_rounds<T, CoordinateRounds>(half_step, statistics, scratch, rows);
  const RuleSettings& shared = half_step.settings;
  RoundSettings<T> settings = round_settings<T>(shared);
  settings.l2 = static_cast<T>(shared.l2);
  settings.fixed = shared.fixed.data();
  settings.fixed_count = static_cast<Index>(shared.fixed.size());
  return rounds_kernel<T, RowGramRounds>(vector_level())(rows_with_state(rows, statistics), block(grams), settings,
                                                         scratch.numbers.data());
}

template <class T>
Rule<T> any_hals(std::string_view name) {
  Rule<T> rule;
  rule.name = name;
  rule.move = coordinate_descent<T>;
  rule.room = room_of_rounds<T>;
  rule.needs = least_squares_statistics;
  rule.needs_by_rows = least_squares_by_rows;
  rule.extrapolates = Extrapolated::both_factors;
  return rule;
}

}  // namespace

template <class T>
Rule<T> make_rule(RuleFile<struct Hals>) {
  Rule<T> rule = any_hals<T>("hals");
  rule.counts_violation = true;
  rule.default_for = DefaultFor::scikit_learn;
  return rule;
}
template Rule<float> make_rule(RuleFile<struct Hals>);
template Rule<double> make_rule(RuleFile<struct Hals>);

template <class T>
Rule<T> make_rule(RuleFile<struct AcceleratedHals>) {
  Rule<T> rule = any_hals<T>("ahals");
  rule.takes_rounds = true;
  rule.default_for = DefaultFor::least_squares;
  return rule;
}
template Rule<float> make_rule(RuleFile<struct AcceleratedHals>);
template Rule<double> make_rule(RuleFile<struct AcceleratedHals>);

}  // namespace mpinmf
