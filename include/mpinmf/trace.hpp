// What a factorization records about itself.
#pragma once

#include <limits>
#include <string>
#include <vector>

#include "mpinmf/matrix.hpp"

namespace mpinmf {

/// The costs of the pair (W_i, H_i).
struct Cost {
  static constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

  double loss = unknown;                  ///< D; for Frobenius half the squared norm of V - W H
  double reconstruction_error = unknown;  ///< sqrt(2 D); for Frobenius ||V - W H||
  double mean_row_norm = unknown;         ///< mean over rows of ||v_i - w_i H||; Frobenius only
  double relative_error = unknown;        ///< ||V - W H|| / ||V||; Frobenius only
  double penalty = 0;                     ///< what is minimised besides the loss; unknown at the start if not 0
};

struct TraceRow {
  Index iteration = 0;
  double seconds = 0;  ///< since the iterations began, or the wider fit, if there was one
  Cost cost;
};

/// exact: what is minimised is 0, or transform has solved for W exactly. request: the caller asked for it
/// (FitHooks::requests).
enum class StopReason { max_iterations, tolerance, max_seconds, exact, request };
std::string to_string(StopReason reason);

/// More threads in a rank than this are a typing error.
inline constexpr int most_threads = 4096;

/// With how many threads a rank works, and how many would have their own core.
struct ThreadPlan {
  int threads = 1;              ///< of this rank
  int cores = 1;                ///< that are this rank's share of those on its host
  bool oversubscribed = false;  ///< more threads than cores; only where they were asked for
  int least = 1, most = 1;      ///< threads over all ranks
};

/// How transform went. exact: the Frobenius loss; tolerance: every row came to its end; max_iterations: some did
/// not.
struct TransformRecord {
  Index iterations = 0;  ///< the most Newton steps that a row took; 1 for Frobenius
  StopReason stop_reason = StopReason::tolerance;
  Index unconverged = 0;  ///< rows that did not come to their end
  ThreadPlan threads;
};

/// The fit of more components with which one began whose Options::merge is not 0.
struct WiderFit {
  Index components = 0, iterations = 0;
  double seconds = 0;           ///< that it took, its start and the merging included
  double loss = Cost::unknown;  ///< of its pair, before components were merged
  StopReason stop_reason = StopReason::max_iterations;
};

/// Seconds this rank spent.
struct PhaseSeconds {
  double start = 0, sweep = 0, sum = 0, rule = 0, broadcast = 0, cost = 0;
  double save = 0;   ///< of the state, for checkpoints
  double walks = 0;  ///< over V, that `sweep` holds; one that only gathers sums, without costs, is half a walk
};

/// What an iteration hands to MPI on each rank: payload and calls, as counted and as the formula says. Walks over
/// V for a late loss, the sums of the first W and the message that announces an end are not part of it.
struct Communication {
  Index bytes_per_iteration = 0, messages_per_iteration = 0;  ///< counted
  Index bytes_by_formula = 0, messages_by_formula = 0;
  std::string formula;     ///< with n and k filled in
  bool pipelined = false;  ///< H is summed, moved and broadcast in chunks of features
  Index chunks = 1;
};

}  // namespace mpinmf
