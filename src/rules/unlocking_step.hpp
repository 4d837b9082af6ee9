// A step of all components of a row at once that no entry locks, by the row's numerators p, its rising parts s and
// the curvatures b of its loss. With G the number of components that want to grow (p > s):
//
//   shrinking:  h <- h p / s                                     the multiplicative update
//   growing:    h <- max(h p / s, h + (p - s) / (G b))           or a G-th of Newton's step, if that is longer
//
// It never raises a convex loss of x = W H that curves less the larger x is, as beta-divergences do for beta in
// [1, 2): cross-derivatives are >= 0, so that the gains of shrinking and of growing components add up; and a G-th
// of Newton's steps to the right is a convex combination of steps of one component each that stop short of their
// minima. The multiplicative update alone stands still for thousands of iterations where entries are nearly 0.
#pragma once

#include <algorithm>
#include <cmath>

#include "rule.hpp"

namespace mpinmf {

/// One row of a factor: its numerators, rising parts and curvatures, k numbers each.
template <class T>
struct CurvedRow {
  const T *numerators, *rising_parts, *curvatures;
  Index components;

  /// s + l1 + l2 x - p: of what is minimised, along component c.
  double slope(const RuleSettings& settings, Index c, double x) const {
    return static_cast<double>(rising_parts[c]) + settings.l1 + settings.l2 * x -
           static_cast<double>(numerators[c]);
  }
};

/// Where the multiplicative update goes: s x' + l2 x'^2 = x p.
inline double multiplied(double x, double p, double s, double l2) {
  const double root = l2 > 0 ? std::sqrt(s * s + 4 * l2 * x * p) : s;
  return s + root > 0 ? 2 * x * p / (s + root) : x;
}

/// Moves x, and holds it at half_step.least if that is given. Returns how far what is minimised is expected to
/// fall.
template <class T>
double unlocking_step(const CurvedRow<T>& row, const HalfStep<T>& half_step, T* x) {
  const RuleSettings& settings = half_step.settings;
  int growing = 0;
  for (Index c = 0; c < row.components; ++c)
    growing += row.slope(settings, c, static_cast<double>(x[c])) < 0 ? 1 : 0;
  double gain = 0;
  for (Index c = 0; c < row.components; ++c) {
    const auto old = static_cast<double>(x[c]);
    const double slope = row.slope(settings, c, old),
                 curvature = static_cast<double>(row.curvatures[c]) + settings.l2;
    const double s = static_cast<double>(row.rising_parts[c]) + settings.l1;
    double goal = multiplied(old, static_cast<double>(row.numerators[c]), s, settings.l2);
    if (slope < 0 && curvature > 0) goal = std::max(goal, old - slope / (growing * curvature));
    if (!half_step.least.empty()) goal = std::max(goal, half_step.least[static_cast<std::size_t>(c)]);
    if (goal < settings.zero_below) goal = 0;
    gain -= (goal - old) * slope / 2;
    x[c] = static_cast<T>(goal);
    if (goal > 0 && x[c] < least_positive<T>) x[c] = least_positive<T>;
  }
  return gain;
}

/// The half-step of the rules that move so: Rule::move. The rising part comes row by row, or once for all rows.
template <class T>
double unlock_rows(const HalfStep<T>& half_step, const Statistics<T>& statistics, RuleScratch<T>&,
                   const MovedRows<T>& rows) {
  const ConstMatrixView<T> numerators = statistics[Statistic::numerator],
                           curvatures = statistics[Statistic::curvature],
                           column_sums = statistics[Statistic::column_sums],
                           denominators = statistics[Statistic::denominator];
  double gain = 0;
  for (Index i = 0; i < rows.x.rows(); ++i) {
    const T* const rising = column_sums.rows() > 0 ? column_sums.row(0) : denominators.row(i);
    gain += unlocking_step<T>({numerators.row(i), rising, curvatures.row(i), rows.x.columns()}, half_step,
                              rows.x.row(i));
  }
  return gain;
}

}  // namespace mpinmf
