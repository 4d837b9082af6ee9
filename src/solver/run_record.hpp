// What a factorization tells of itself.
#pragma once

#include <optional>
#include <vector>

#include "mpinmf/trace.hpp"

namespace mpinmf {

/// What a run leaves behind beside the factors; the same on every rank but for `phases`.
struct RunRecord {
  std::vector<TraceRow> trace;  ///< the last row is that of the factors as they stand
  Index iterations = 0;
  StopReason stop_reason = StopReason::max_iterations;
  Index zero_models = 0, dead_components = 0;
  /// Of the factors as they stand (solver/stationarity.hpp); unknown where a stop was asked for before.
  double kkt_w = Cost::unknown, kkt_h = Cost::unknown;
  /// What the last iteration expected its steps to lower the loss by, as a share of it; unknown for most rules.
  double predicted_gain = Cost::unknown;
  std::optional<WiderFit> wider_fit;  ///< that came before (api/wider_fit.hpp)
  PhaseSeconds phases;
  Communication communication;
};

}  // namespace mpinmf
