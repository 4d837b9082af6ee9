// What is known of all of V.
#pragma once

#include <optional>

#include "mpinmf/matrix.hpp"

namespace mpinmf {

/// A place in V, counted from 0.
struct Place {
  Index row = 0, column = 0;
};

/// Facts about all of V, the same on every rank.
struct DataSummary {
  double sum = 0;
  double sum_squares = 0;  ///< ||V||_F^2
  double weight = 0;       ///< of all stored entries that are known; where they have none, their number
  /// Whether entries have weights: then the three sums before are weighted, as are the norms of rows.
  bool has_weights = false;
  double minimum = 0, maximum = 0;
  Index nonzeros = 0;
  Index stored = 0;   ///< entries held in memory (dense: all)
  Index unknown = 0;  ///< of these; they are NaN, and in none of the sums above
  Index flushed = 0;  ///< entries below the smallest normal number, which count as 0 and were made so
  Index clipped = 0;  ///< entries that load set to 0, as they were negative by no more than was allowed
  Index summed = 0;   ///< entries that load added to another in the same place
  std::optional<Place> first_zero;  ///< the first zero entry in row order
};

}  // namespace mpinmf
