// Kullback-Leibler, sequential coordinate descent ("scd": Lin and Boutros, Optimization and expansion of
// non-negative matrix factorization, BMC Bioinformatics 21 (2020); fastTopics, Carbonetto et al. 2021), rearranged
// so that an iteration is one pass over the rows of V and one sum.
//
// W: its rows are whole on one rank and move by rounds of Newton steps, component after component (Hsieh and
// Dhillon, KDD 2011), with the safeguard of the scalar Newton method of Hien and Gillis, J. Sci. Comput. 87
// (2021).
//
// H: a step of one component would need sums over all ranks before the next, so all components of a feature move
// at once by sums of one pass, p_c = sum v w_c / x (numerator), b_c = sum v w_c^2 / x^2 (curvature) and s_c = sum
// w_c. With G the number of components that want to grow (p > s):
//   shrinking:  h <- h p / s                                     the multiplicative update
//   growing:    h <- max(h p / s, h + (p - s) / (G b))           or a G-th of Newton's step, if that is longer
// The loss of a feature is convex with cross-derivatives >= 0, so that the gains of shrinking and of growing
// components add up; and a G-th of Newton's steps to the right is a convex combination of steps of one component
// each that stop short of their minima: none of this raises the loss. Entries are held at a floor, from which the
// second step brings them back: nothing locks, where the multiplicative update alone stands still for thousands of
// iterations.
#include <cmath>

#include "rounds.hpp"
#include "rule.hpp"

namespace mpinmf {
namespace {

/// Measured on counts of words, ratings and cells: one round came to the end later, 3 and 8 found no better end.
constexpr int rounds_over_entries = 2;

/// One feature: its numerators, curvatures and the sums s, k numbers each.
template <class T>
struct Feature {
  const T *pull, *curvature, *sums;
  Index components;
};

/// s + l1 + l2 h - p: of what is minimised, along component c.
template <class T>
double slope_of(const Feature<T>& f, const RuleSettings& settings, Index c, double h) {
  return static_cast<double>(f.sums[c]) + settings.l1 + settings.l2 * h - static_cast<double>(f.pull[c]);
}

/// Where the multiplicative update goes: s h' + l2 h'^2 = h p.
double multiplied(double h, double pull, double s, double l2) {
  const double root = l2 > 0 ? std::sqrt(s * s + 4 * l2 * h * pull) : s;
  return s + root > 0 ? 2 * h * pull / (s + root) : h;
}

/// Returns how far what is minimised is expected to fall.
template <class T>
double move_feature(const Feature<T>& f, const HalfStep<T>& half_step, T* h) {
  const RuleSettings& settings = half_step.settings;
  int growing = 0;
  for (Index c = 0; c < f.components; ++c)
    growing += slope_of(f, settings, c, static_cast<double>(h[c])) < 0 ? 1 : 0;
  double gain = 0;
  for (Index c = 0; c < f.components; ++c) {
    const auto old = static_cast<double>(h[c]);
    const double slope = slope_of(f, settings, c, old),
                 curvature = static_cast<double>(f.curvature[c]) + settings.l2;
    const double s = static_cast<double>(f.sums[c]) + settings.l1;
    double goal = multiplied(old, static_cast<double>(f.pull[c]), s, settings.l2);
    if (slope < 0 && curvature > 0) goal = std::max(goal, old - slope / (growing * curvature));
    goal = std::max(goal, half_step.least[static_cast<std::size_t>(c)]);
    if (goal < settings.zero_below) goal = 0;
    gain -= (goal - old) * slope / 2;
    h[c] = static_cast<T>(goal);
    if (goal > 0 && h[c] < least_positive<T>) h[c] = least_positive<T>;
  }
  return gain;
}

template <class T>
double move_features(const HalfStep<T>& half_step, const Statistics<T>& statistics, RuleScratch<T>&,
                     const MovedRows<T>& rows) {
  const ConstMatrixView<T> pull = statistics[Statistic::numerator], curvature = statistics[Statistic::curvature],
                           sums = statistics[Statistic::column_sums];
  double gain = 0;
  for (Index j = 0; j < rows.x.rows(); ++j) {
    const Feature<T> feature{pull.row(j), curvature.row(j), sums.row(0), rows.x.columns()};
    gain += move_feature(feature, half_step, rows.x.row(j));
  }
  return gain;
}

template <class T>
double move_by_newton(const Rule<T>&, const WalkedRows<T>& w) {
  const RuleSettings& settings = w.half_step.settings;
  if (w.cost_before != nullptr) w.loss.gather_w(w.rows, w.h, w.panel_scratch, w.cost_before);
  return newton_rounds<T>(
      w.rows.v, w.rows.w, {w.h.ht, w.h.column_sums, w.h.blocked},
      {settings.l1, settings.l2, settings.most_rounds, least_share_of_first_round * least_share_of_first_round,
       static_cast<T>(settings.zero_below), least_positive<T>},
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
  rule.move = move_features<T>;
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
