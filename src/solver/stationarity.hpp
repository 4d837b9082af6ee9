// How far a pair is from a stationary point.
#pragma once

#include <functional>
#include <vector>

#include "mpinmf/trace.hpp"
#include "norm2.hpp"
#include "shared_h.hpp"
#include "sweep.hpp"

namespace mpinmf {

/// Norms of the projected gradient of what is minimised, penalties included, and of the numerator, over the
/// entries of a factor.
struct Stationarity {
  Norm2 projected, numerator;

  Stationarity& operator+=(const Stationarity& other) {
    projected.see(other.projected);
    numerator.see(other.numerator);
    return *this;
  }
  /// The one norm over the other: 0 at a stationary point, whatever the scale of V. Not a number where it is
  /// unknown.
  double residual() const;
};
struct PairStationarity {
  Stationarity w, h;
};

/// Collective: sums over the ranks what a walk has gathered, so that each rank has the sums of some features, and
/// all ranks together those of all. Returns which, on this rank. Throws, on every rank, what stopped a walk on
/// one.
template <class T>
using SumFeatures = std::function<std::vector<FeatureRange>(Sums<T>&)>;

/// What a walk over V for it uses.
template <class T>
struct StationarityWalk {
  RuleSettings of_w, of_h;  ///< the penalties
  Sweep<T>& sweep;
  Sums<T>& sums;
  /// Asked on each rank after some rows at a time: whether this is to end at once. Unset: it is not.
  std::function<bool()> gives_up = {};
  /// Unset: in one message, after which every rank has the sums of w for all features.
  SumFeatures<T> sum_features = {};
};

/// What one walk over V tells of a pair.
struct PairReview {
  PanelCost cost;  ///< of all rows, where it is asked for; also where a rank has given up
  PairStationarity stationarity;
};

/// Of the pair (w, h): one walk over V, two products with a k x k matrix, and sums. Entries below 2e-10 of the
/// largest in their component count as zero. The stationarity is unknown where a rank has given up. Collective;
/// the same on every rank.
template <class T>
PairReview review(const StationarityWalk<T>& walk, const SharedH<T>& h, MatrixView<T> w, bool asks_cost);
/// The same, with its cost, of the pair that the sweep's rule makes by this half-step of W: W is solved for in
/// that walk. A rank that has given up solves for its W all the same. @pre as Sweep::solve_and_gather
template <class T>
PairReview solve_and_review(const StationarityWalk<T>& walk, const HalfStep<T>& half_step, const SharedH<T>& h,
                            MatrixView<T> w);

}  // namespace mpinmf
