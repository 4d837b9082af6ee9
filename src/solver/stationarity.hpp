// How far a pair is from a stationary point.
#pragma once

#include "shared_h.hpp"
#include "sweep.hpp"

namespace mpinmf {

/// Squared norms of the projected gradient of what is minimised, penalties included, and of the numerator, over
/// the entries of a factor.
struct Stationarity {
  double projected = 0, numerator = 0;

  /// The one norm over the other: 0 at a stationary point, whatever the scale of V.
  double residual() const;
};
struct PairStationarity {
  Stationarity w, h;
};

/// What walks over V for it use.
template <class T>
struct StationarityWalk {
  const DataMatrix<T>& v;
  const PanelLoss<T>& loss;
  RuleSettings of_w, of_h;  ///< the penalties
  Sweep<T>& sweep;
  Sums<T>& sums;
};

/// Of the pair (w, h): two walks over V and a sum. Entries below 1e-12 of the largest in their component count as
/// zero. Collective; the same on every rank.
template <class T>
PairStationarity stationarity(const StationarityWalk<T>& walk, const SharedH<T>& h, MatrixView<T> w);

}  // namespace mpinmf
