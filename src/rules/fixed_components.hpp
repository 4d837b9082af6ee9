// Components of a factor that are known, and stay bit by bit while a rule moves the others (RuleSettings::fixed).
//
// With C the fixed components and F the others, a row x minimises x G x' / 2 - b x' over x_F alone:
//
//   x_F G_FF x_F' / 2 - (b_F - x_C G_CF) x_F'
//
// Rules that solve least squares are given that problem: b_F less what x_C explains, and for C components that
// take no part (x_C = 0, b_C = 0, their rows and columns of G 0), which every rule leaves where they are. Rules
// that multiply need b >= 0, but move each component by itself: x_C stays in the model, and what they make of it
// is undone, after each inner round. Without a Gram matrix the statistics are those of all of W H, and again each
// component is moved by itself: for C it is given x_C = 0 and b_C = 0, so that it adds nothing to what a rule
// predicts.
#pragma once

#include "rule.hpp"

namespace mpinmf {

/// Completes a half-step whose settings and Gram matrices (k x k; or none) are those of all components.
template <class T>
void set_fixed_components(const Rule<T>& rule, HalfStep<T>& half_step);

/// rule.move for the others. @pre set_fixed_components was called, and some are fixed
template <class T>
double move_free_components(const Rule<T>& rule, const HalfStep<T>& half_step, const Statistics<T>& statistics,
                            RuleScratch<T>& scratch, const MovedRows<T>& rows);

}  // namespace mpinmf
