// Components that no longer take part, and how they are brought back.
//
// A component is dead when its column of W or its row of H is 0 throughout: the other factor cannot move there
// either. Exact half-steps kill many where one direction of V outweighs all others: from a random H, a few
// components answer for all of it, and the others are left with nothing. V - W H could still feed them. So they
// begin anew, with W H as it is: 0 in the factor that moves next, random numbers in the other one. The next
// half-steps are rounds of coordinate descent, whatever the rule: from there these are steps of the power method
// on what V - W H has left, for one dead component after the other.
#pragma once

#include <vector>

#include "mpinmf/comm.hpp"
#include "mpinmf/matrix.hpp"
#include "mpinmf/options.hpp"

namespace mpinmf {

/// A component that ten draws did not wake is one that V cannot feed: all of V is explained, or a penalty costs
/// more than the component gains.
inline constexpr Index most_revivals = 10;

/// Whether a diagonal entry of either Gram matrix (k x k) is 0.
bool has_dead_component(ConstMatrixView<double> gram_of_w, ConstMatrixView<double> gram_of_h);

/// Which components are dead, and what the entries of the others measure (root mean square; 1 where all are dead):
/// what is drawn is as large, so that it scales with V.
struct LivingComponents {
  std::vector<Index> dead;
  double scale_of_w = 1, scale_of_h = 1;
};
/// Collective. @pre w is rows_local x k, ht n x k, the same on every rank
template <class T>
LivingComponents living_components(const Comm& comm, ConstMatrixView<T> w, ConstMatrixView<T> ht);

/// What dead components are drawn from.
struct ComponentDraw {
  const Seed& seed;
  Index round;  ///< revivals before
  const std::vector<Index>& components;
};
/// x(i, c) = scale |N(0,1)| of (seed, round, first_row + i, c) for these components c, however rows are cut.
template <class T>
void draw_components(const ComponentDraw& draw, double scale, Index first_row, MatrixView<T> x);
/// x(i, c) = 0 for these components c.
template <class T>
void clear_components(const std::vector<Index>& components, MatrixView<T> x);

}  // namespace mpinmf
