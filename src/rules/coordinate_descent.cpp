// Kullback-Leibler coordinate descent: Hsieh and Dhillon, Fast coordinate descent methods with variable selection
// for non-negative matrix factorization, KDD 2011; with the safeguard of the scalar Newton method of Hien and
// Gillis, J. Sci. Comput. 87 (2021). Only for W, whose rows are whole on one rank; a step of one component of H
// would need sums over all ranks before the next, so H moves by the multiplicative update and an iteration stays
// one pass over V and one sum.
#include "rounds.hpp"

namespace mpinmf {
namespace {

template <class T>
double move_by_newton(const HalfStep<T>& half_step, const PanelRows<T>& rows, const FixedH<T>& h,
                      PanelScratch<T>& scratch) {
  const RuleSettings& settings = half_step.settings;
  newton_rounds<T>(
      rows.v, rows.w, {h.ht, h.column_sums},
      {settings.l1, settings.l2, settings.most_rounds, least_share_of_first_round * least_share_of_first_round,
       static_cast<T>(settings.zero_below), least_positive<T>},
      scratch.model);
  return 0;
}

template <class T>
void reserve_newton(PanelScratch<T>& scratch, const PanelSizes& sizes, Index components) {
  scratch.model.reserve_newton(components, sizes.longest_row);
}

}  // namespace

template <class T>
Rule<T> coordinate_descent_rule() {
  Rule<T> rule = multiplicative_rule<T>();
  rule.name = "ccd";
  rule.locks_zeros = true;
  rule.move_by_entries = move_by_newton<T>;
  rule.reserve_entries = reserve_newton<T>;
  rule.takes_rounds = true;
  return rule;
}
template Rule<float> coordinate_descent_rule();
template Rule<double> coordinate_descent_rule();

}  // namespace mpinmf
