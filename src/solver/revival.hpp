// Components that no longer take part, and how they are brought back.
//
// A component is dead when its column of W or its row of H is 0 throughout: the other factor cannot move there
// either. Exact half-steps kill many where one direction of V outweighs all others: from a random H, a few
// components answer for all of it, and the others are left with nothing. V - W H could still feed them. So they
// begin anew, with W H as it is: 0 in the factor that moves next, random numbers in the other one. The next
// half-steps are rounds of coordinate descent, whatever the rule: from there these are steps of the power method
// on what V - W H has left, for one dead component after the other.
#pragma once

#include <utility>
#include <vector>

#include "mpinmf/comm.hpp"
#include "mpinmf/matrix.hpp"
#include "mpinmf/options.hpp"
#include "state_tape.hpp"

namespace mpinmf {

/// A component that ten draws did not wake is one that V cannot feed: all of V is explained, or a penalty costs
/// more than the component gains.
inline constexpr Index most_revivals = 10;

/// Whether a diagonal entry of either Gram matrix (k x k) is 0, but for components that are `fixed` in a factor:
/// these can grow by themselves, or have no use.
bool has_dead_component(ConstMatrixView<double> gram_of_w, ConstMatrixView<double> gram_of_h,
                        const std::vector<Index>& fixed);

/// When components begin anew, and how often they have.
class Revivals {
 public:
  /// `is_on`: whether V could feed a component, and the rule allows it; `fixed` never begin anew.
  Revivals(bool is_on, std::vector<Index> fixed) : is_on_(is_on), fixed_(std::move(fixed)) {}

  /// From the Gram matrices (k x k) of the pair that stands.
  bool are_due(ConstMatrixView<double> gram_of_w, ConstMatrixView<double> gram_of_h) const {
    return is_on_ && count_ < most_revivals && has_dead_component(gram_of_w, gram_of_h, fixed_);
  }
  const std::vector<Index>& fixed() const { return fixed_; }
  /// How many there were, and one more now.
  Index count_one() { return count_++; }
  void pass(StateTape& tape) { tape.pass(count_); }

 private:
  bool is_on_;
  std::vector<Index> fixed_;
  Index count_ = 0;
};

/// Which components are dead, and what the entries of the others measure (root mean square; 1 where all are dead):
/// what is drawn is as large, so that it scales with V.
struct LivingComponents {
  std::vector<Index> dead;
  double scale_of_w = 1, scale_of_h = 1;
};
/// Collective. @pre w is rows_local x k, ht n x k, the same on every rank
template <class T>
LivingComponents living_components(const Comm& comm, ConstMatrixView<T> w, ConstMatrixView<T> ht);

/// Of which pair components begin anew.
struct Revival {
  const Comm& comm;
  const Seed& seed;
  Index round;      ///< revivals before
  bool w_first;     ///< W is cleared and H drawn, else the other way round: what is cleared moves first
  Index first_row;  ///< of w, in all of W
  const std::vector<Index>& fixed;  ///< components that stay
};
/// Dead components get other numbers in one factor, drawn from (seed, round, row, component) however rows are cut
/// and as large as those of the living, and 0 in the other one. Returns which. Collective; known to be due on all
/// ranks.
/// @pre w is rows_local x k, ht n x k, the same on every rank
template <class T>
std::vector<Index> revive(const Revival& revival, MatrixView<T> w, MatrixView<T> ht);

/// x(i, c) = 0 for these components c.
template <class T>
void clear_components(const std::vector<Index>& components, MatrixView<T> x);

}  // namespace mpinmf
