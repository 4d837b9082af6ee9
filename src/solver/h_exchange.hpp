// How H is summed, moved and shared among the ranks: whole, on the root, or in chunks of features by their owners.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "chunks.hpp"
#include "h_mover.hpp"
#include "mpinmf/trace.hpp"
#include "stationarity.hpp"

namespace mpinmf {

/// What becomes of H where another pair stands than the one that has been made (pair.hpp). Known to all ranks.
struct HChange {
  bool is_due = false;
  std::function<void(FeatureRange)> make;  ///< for features that this rank moves
};

/// All of it is collective: every rank makes the same calls in the same order.
template <class T>
class HExchange {
 public:
  virtual ~HExchange() = default;

  /// Whether this rank may move features, and which these are.
  virtual bool moves_here() const = 0;
  virtual std::vector<FeatureRange> moved_here() const = 0;
  /// Sums over ranks what all of them, or those who move H, must know before it moves. False, on every rank, where
  /// that holds an infinity or NaN.
  virtual bool sum(Sums<T>& sums) = 0;
  /// H moves where it is moved. False, on every rank, where a sum or H was not finite; elsewhere that is noticed
  /// when H is shared. Throws, on every rank, the error of a rule that threw on one.
  virtual bool move(const HUpdate& update, Sums<T>& sums, HMover<T>& mover) = 0;
  /// H becomes what the change makes of it, where it is moved, in place of a move; noticed elsewhere as that is.
  virtual void replace(SharedH<T>& h, const HChange& change) = 0;
  /// The root's verdict becomes that of all who move H.
  virtual void agree(Verdict& verdict) = 0;
  /// The moved H becomes everyone's. `decision` is one that is known already.
  virtual void show(SharedH<T>& h, Decision& decision) = 0;
  /// Likewise with the root's decision, which goes along.
  virtual void share(SharedH<T>& h, Decision& decision, const HChange& change) = 0;
  /// How the sums of a walk travel to those who look at the gradient of H (stationarity.hpp).
  virtual SumFeatures<T> sums_for_review() = 0;
  /// Makes the change where `share` could not.
  virtual void settle(SharedH<T>& h, const HChange& change) = 0;
};

/// As these chunks say; `comm` and `seconds` must outlive it.
template <class T>
std::unique_ptr<HExchange<T>> make_h_exchange(const Comm& comm, const Chunks& chunks, Index components,
                                              PhaseSeconds& seconds);

}  // namespace mpinmf
