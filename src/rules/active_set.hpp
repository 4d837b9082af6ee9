// One non-negative least-squares problem at a time, safely: what block pivoting falls back to.
#pragma once

#include <span>

#include "mpinmf/matrix.hpp"

namespace mpinmf {

/// What all problems have in common: G (k x k) and when a pivot of its Cholesky factorization counts as 0.
struct ActiveSetProblem {
  ConstMatrixView<double> gram;
  double least_share, least_pivot;  ///< of the diagonal entry; absolute
};

/// Elements of scratch.
constexpr Index active_set_numbers(Index components) {
  return components * (components + 3);
}
constexpr Index active_set_places(Index components) {
  return components;
}

/// x = the minimiser of x G x' / 2 - b x over x >= 0 from x = 0: Lawson and Hanson, Solving least squares problems
/// (1974), algorithm 23.10, on the Gram matrix. Where G is singular on the passive set, x moves along a direction
/// without curvature until a component gets to 0. Every step lowers the objective; there are at most 10 k of them.
/// @pre b.size() == x.size() == k, numbers and places have as many elements as the functions above say
void minimise_by_active_set(const ActiveSetProblem& problem, std::span<const double> b, std::span<double> x,
                            double* numbers, Index* places);

}  // namespace mpinmf
