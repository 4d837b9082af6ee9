// Kullback-Leibler, sequential coordinate descent ("scd": Lin and Boutros, Optimization and expansion of
// non-negative matrix factorization, BMC Bioinformatics 21 (2020); fastTopics, Carbonetto et al. 2021), rearranged
// so that an iteration is one pass over the rows of V and one sum.
//
// W: its rows are whole on one rank and move by rounds of Newton steps, component after component (Hsieh and
// Dhillon, KDD 2011), with the safeguard of the scalar Newton method of Hien and Gillis, J. Sci. Comput. 87
// (2021).
//
// H: a step of one component would need sums over all ranks before the next, so all components of a feature move
// at once by sums of one pass (unlocking_step.hpp): p_c = sum v w_c / x (numerator), b_c = sum v w_c^2 / x^2
// (curvature) and s_c = sum w_c. Entries are held at a floor, from which the step brings them back: nothing locks.
#include "rounds.hpp"
#include "rule.hpp"
#include "unlocking_step.hpp"

namespace mpinmf {
namespace {

/// Measured on counts of words, ratings and cells: one round came to the end later, 3 and 8 found no better end.
constexpr int rounds_over_entries = 2;

template <class T>
double move_by_newton(const Rule<T>&, const WalkedRows<T>& w) {
  const RuleSettings& settings = w.half_step.settings;
  if (w.cost_before != nullptr) w.loss.gather_w(w.rows, w.h, w.panel_scratch, w.cost_before);
  return newton_rounds<T>(
      w.rows.v, w.rows.w, {w.h.ht, w.h.column_sums, w.h.blocked},
      {settings.l1, settings.l2, settings.most_rounds, least_share_of_first_round * least_share_of_first_round,
       static_cast<T>(settings.zero_below), least_positive<T>, settings.fixed.data(),
       static_cast<Index>(settings.fixed.size())},
      w.panel_scratch.model);
}

ModelRoom room_of_newton(const PanelSizes& sizes, Index components) {
  return ModelRoom::for_newton(sizes, components);
}

}  // namespace

template <class T>
Rule<T> make_rule(RuleFile<struct SequentialCoordinateDescent>) {
  Rule<T> rule;
  rule.name = "scd";
  rule.losses = "kullback-leibler";
  rule.move = unlock_rows<T>;
  rule.move_w = move_by_newton<T>;
  rule.room_w = room_of_newton;
  rule.needs = {Statistic::numerator, Statistic::curvature, Statistic::column_sums};
  rule.needs_entry_newton = true;
  rule.takes_rounds = true;
  rule.usual_rounds = rounds_over_entries;
  rule.predicts_gain = true;
  rule.extrapolates = Extrapolated::h_alone;
  rule.default_for = DefaultFor::counts;
  return rule;
}
template Rule<float> make_rule(RuleFile<struct SequentialCoordinateDescent>);
template Rule<double> make_rule(RuleFile<struct SequentialCoordinateDescent>);

}  // namespace mpinmf
