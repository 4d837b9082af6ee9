// One walk over the row panels that a rank owns. No communication.
#pragma once

#include <vector>

#include "losses/panel_loss.hpp"
#include "mpinmf/data_matrix.hpp"
#include "rules/rule.hpp"
#include "sums.hpp"

namespace mpinmf {

/// The pair whose cost a walk computes on the way.
enum class CostOf { nothing, pair_before, pair_after };

/// How a rank's share of a walk is cut among its threads. A function of the data, k and the number of threads, so
/// that the same run gives the same bits.
///
///     rows        | thread 0           | thread 1           |   whole panels, equal work; W is moved row by row
///                 | tile | tile | tile | tile | tile | tile |   a tile is what is read at once
///     features    each thread sums over its rows into an n x k of its own; where these would outweigh V, all sum
///                 into one, and the tiles that the threads have just moved are read again by features:
///                 thread 0 adds what is in the first columns of them, thread 1 in the last
struct ThreadRanges {
  struct Range {
    Index first = 0, count = 0;
  };
  std::vector<Range> rows;      ///< one a thread; of this rank
  std::vector<Range> features;  ///< one a thread
  Index tile_rows = 0;          ///< rows read at once
  bool share_sums = false;      ///< whether all threads sum into one n x k
};
template <class T>
ThreadRanges thread_ranges(const DataMatrix<T>& v, StatisticsSet statistics, Index components, int threads);

/// How W moves in a sweep.
template <class T>
struct WUpdate {
  const Rule<T>& rule;
  const HalfStep<T>& half_step;
  MatrixView<T> previous;  ///< the W before, rows_local x k, padded; extrapolated runs only
  double momentum = 0;     ///< W starts from W + momentum (W - previous)
  bool go_back = false;    ///< W is the previous one again
};

template <class T>
class Sweep {
 public:
  Sweep(const DataMatrix<T>& v, const PanelLoss<T>& loss, Index components, int threads = 1);

  /// Makes room for a rule. To be called before the first move_and_gather.
  void use(const Rule<T>& rule);

  /// Sums that fit the threads of this sweep.
  Sums<T> make_sums(bool has_cross_gram = false) const;

  /// W = rule(...) and the sums of the new W, tile by tile while it is in cache.
  void move_and_gather(const WUpdate<T>& update, const FixedH<T>& h, const MovedRows<T>& w, Sums<T>& sums,
                       CostOf cost);
  /// The sums of W as it stands: half the work of a walk, or all of it where the cost of the pair (w, h) is asked
  /// for.
  void gather(const FixedH<T>& h, MatrixView<T> w, Sums<T>& sums, CostOf cost);
  /// Only the cost of the pair (w, h).
  PanelCost cost(const FixedH<T>& h, MatrixView<T> w);

 private:
  struct Walk;
  int threads() const { return static_cast<int>(scratch_.size()); }
  Index tiles(int thread) const;
  PanelRows<T> tile(int thread, Index t, MatrixView<T> w) const;
  void move_tile(const Walk& walk, int thread, Index t);
  void gather_tile(const Walk& walk, int thread, Index t);
  void gather_features(const Walk& walk, int thread, Index t);

  const DataMatrix<T>& v_;
  const PanelLoss<T>& loss_;
  Index components_;
  ThreadRanges ranges_;
  std::vector<PanelScratch<T>> scratch_;        // one a thread
  std::vector<RuleScratch<T>> rule_scratch_;    // one a thread
  std::vector<std::vector<Index>> row_places_;  // begins and ends of a tile's rows in some features, one a thread
};

/// Rows of v (counted from its first_row) with theirs of w (rows_local x k).
template <class T>
PanelRows<T> rows_with_factor(const DataMatrix<T>& v, Index first, Index count, MatrixView<T> w);

/// Work space for so many rows of v.
template <class T>
PanelScratch<T> make_scratch(const DataMatrix<T>& v, const PanelLoss<T>& loss, Index components, Index rows);

}  // namespace mpinmf
