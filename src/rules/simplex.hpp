// Least squares over the simplex: fully constrained least squares, in the words of spectral unmixing.
#pragma once

#include "active_set.hpp"

namespace mpinmf {

/// Elements of scratch, besides places for the active set.
constexpr Index simplex_numbers(Index components) {
  return active_set_numbers(components) + 3 * components;
}

/// x = the minimiser of x G x' / 2 - b x over x >= 0 with sum x = 1. Its Lagrange function is the same problem
/// with b + t in place of b; the sum of its minimiser over x >= 0 (active_set.hpp) never falls with t and is
/// linear in t where the passive set stays, so that a bracketed secant finds the t at which it is 1, exactly once
/// both ends have the same set. Components whose curvature is 0 (all of the other factor's component is 0) take
/// what the others leave, if they would leave it: t = 0. In double.
/// @pre b.size() == x.size() == k; numbers and places have as many elements as the functions say
void minimise_on_simplex(const ActiveSetProblem& problem, std::span<const double> b, std::span<double> x,
                         double* numbers, Index* places);

}  // namespace mpinmf
