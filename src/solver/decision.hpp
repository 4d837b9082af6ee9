// What the root has decided, as it travels to the other ranks.
#pragma once

#include "mpinmf/matrix.hpp"
#include "mpinmf/trace.hpp"

namespace mpinmf {

/// About an iteration. Numbers only, so that it rides in H's broadcast and on a checkpoint's tape.
struct Decision {
  double stop = 0;                          ///< 0: go on; else 1 + StopReason
  double walk = 0;                          ///< 1: a walk over V must tell more before that can be decided
  double loss = 0;                          ///< D of the standing pair, if known
  double known = 0;                         ///< 1: it is
  double finite = 1;                        ///< 0: H holds an infinity or NaN; below: moving it failed
  double penalty = 0;                       ///< of the standing pair
  double momentum = 0, start_momentum = 0;  ///< of the next iteration of an extrapolated run, and of its first W
  double gain = Cost::unknown;              ///< that the rule predicts, as a share of what is minimised
  double go_back = 0;                       ///< 1: what is minimised rose, so the pair before stands
  double revive = 0;                        ///< 1: dead components begin anew before anything moves again
  double save = 0;                          ///< 1: the state is saved before anything moves again
};

inline constexpr Index decision_numbers = sizeof(Decision) / sizeof(double);

/// Extrapolated: about the H that has been made, before any rank goes on.
struct Verdict {
  double accepted = 1;            ///< 0: what is minimised rose, so H moves once more
  double momentum_of_redone = 0;  ///< of its Hy then
};

inline constexpr Index verdict_numbers = sizeof(Verdict) / sizeof(double);

}  // namespace mpinmf
