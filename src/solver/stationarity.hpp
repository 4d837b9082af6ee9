// How far a pair is from a stationary point.
#pragma once

#include <functional>

#include "mpinmf/trace.hpp"
#include "shared_h.hpp"
#include "sweep.hpp"

namespace mpinmf {

/// Squared norms of the projected gradient of what is minimised, penalties included, and of the numerator, over
/// the entries of a factor.
struct Stationarity {
  double projected = 0, numerator = 0;

  Stationarity& operator+=(const Stationarity& other) {
    projected += other.projected;
    numerator += other.numerator;
    return *this;
  }
  /// The one norm over the other: 0 at a stationary point, whatever the scale of V. Not a number where it is
  /// unknown.
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
  /// Asked on each rank after some rows at a time: whether this is to end at once. Unset: it is not.
  std::function<bool()> gives_up = {};
};

/// Of the pair (w, h): two half walks over V, two products with a k x k matrix, and sums. Entries below 1e-12 of
/// the largest in their component count as zero. Unknown where a rank has given up. Collective; the same on every
/// rank.
template <class T>
PairStationarity stationarity(const StationarityWalk<T>& walk, const SharedH<T>& h, MatrixView<T> w);

}  // namespace mpinmf
