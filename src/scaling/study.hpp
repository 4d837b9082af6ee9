// What the runs of a scaling study say together: medians beside the model, and its predictions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model.hpp"
#include "rows.hpp"

namespace mpinmf::scaling {

/// Predictions to this multiple of the largest measured number of ranks are made unasked.
inline constexpr int predicted_multiple = 8;

/// What an iteration of the study asks of so many ranks, as the formulas of the solver say. `run`: any of the
/// study, small ones excepted.
RankLoad load_on(const ScalingRow& run, int ranks);

/// One number of ranks.
struct ScalingPoint {
  int ranks = 1;
  std::optional<ScalingRow> run;  ///< the median one; nothing: predicted only
  double speed_up = 1, efficiency = 1;
  std::optional<Prediction> prediction;
  double predicted_speed_up = 0, predicted_efficiency = 0;  ///< where there is a prediction
  bool is_extrapolated = false;                             ///< beyond predicted_multiple
};

/// The model held against runs that it was not fitted to: those with the most ranks.
struct ModelCheck {
  int ranks = 1;
  double measured = 0;  ///< seconds of the median run
  Prediction predicted;
  double error() const { return predicted.seconds / measured - 1; }
};

struct ScalingSummary {
  std::vector<ScalingPoint> points;   ///< ascending; those that were measured come first
  int runs = 0;                       ///< without small ones
  std::optional<ScalingModel> model;  ///< nothing: no run with several ranks
  std::optional<ModelCheck> check;
  std::optional<int> half_communication;  ///< from so many ranks on it takes half of the time
  int predicted_to = 1;                   ///< ranks

  /// The run that all others are compared with: that with the fewest ranks.
  const ScalingRow& base() const { return *points.front().run; }
  std::vector<ScalingPoint> measured() const;
  std::vector<ScalingPoint> predicted() const;
};

/// @pre there is a run that is not small. `predict_to`: ranks; 0: predicted_multiple times the most that were
/// measured
ScalingSummary summarise_scaling(std::span<const ScalingRow> rows, int predict_to);

}  // namespace mpinmf::scaling
