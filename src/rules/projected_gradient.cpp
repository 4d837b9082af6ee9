// Lin, Projected gradient methods for nonnegative matrix factorization, Neural Computation 19 (2007), algorithm 4
// with sigma = 0.01 and beta = 0.1. Lin searches one length of step for a whole factor. Here each row has its own,
// kept from one half-step to the next: rows are independent problems of different curvature, no sum over rows has
// to meet from all ranks within a round, and what a row does depends on its own numbers alone, however rows are
// cut. (Those numbers differ in their last digits with the rank count, and where a comparison of lengths hangs on
// them a run takes another way to its minimum: unlike other rules this one agrees between rank counts in its end,
// not step by step.) The decrease of the objective is that of a quadratic, g d' + d G d' / 2, without evaluating
// it. The first length is 1 / trace(G), which is always short enough, in place of 1.
#include <cassert>

#include "rounds.hpp"

namespace mpinmf {

struct GradientRounds;  // kernels/level/gradient_rounds.cpp

namespace {

/// x <- max(0, x - length (x G - b + l1))
template <class T>
double projected_gradient(const HalfStep<T>& half_step, const Statistics<T>& statistics, RuleScratch<T>& scratch,
                          const MovedRows<T>& rows) {
  assert(rows.state.rows() == rows.x.rows() && rows.state.columns() == 1);
  return move_by_rounds<T, GradientRounds>(half_step, statistics, scratch, rows);
}

}  // namespace

template <class T>
Rule<T> make_rule(RuleFile<struct ProjectedGradient>) {
  Rule<T> rule;
  rule.name = "projected-gradient";
  rule.move = projected_gradient<T>;
  rule.room = room_of_rounds<T>;
  rule.state_columns = [](Index) { return Index{1}; };  // the length of the last step
  rule.products_of_round = 3;                           // the gradient, and mostly two lengths that are tried
  rule.needs = least_squares_statistics;
  rule.takes_rounds = true;
  return rule;
}
template Rule<float> make_rule(RuleFile<struct ProjectedGradient>);
template Rule<double> make_rule(RuleFile<struct ProjectedGradient>);

}  // namespace mpinmf
