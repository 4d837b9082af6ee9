// What an iteration does on its walk over V: W moves, and the sums for H are gathered.
#pragma once

#include <vector>

#include "data/walk.hpp"
#include "losses/panel_loss.hpp"
#include "mpinmf/data_matrix.hpp"
#include "rules/rule.hpp"
#include "sums.hpp"

namespace mpinmf {

/// How the walk of a sweep is cut that gathers these statistics.
template <class T>
ThreadRanges thread_ranges(const DataMatrix<T>& v, StatisticsSet statistics, Index components, int threads,
                           Layout wanted = Layout::rows) {
  return summing_ranges(v, components, large_numbers(statistics, components), threads, wanted);
}

/// The pair whose cost a walk computes on the way.
enum class CostOf { nothing, pair_before, pair_after };

/// How W moves in a sweep.
template <class T>
struct WUpdate {
  const HalfStep<T>& half_step;
  MatrixView<T> previous;  ///< the W before, rows_local x k, padded; extrapolated runs only
  double momentum = 0;     ///< W starts from W + momentum (W - previous)
  bool go_back = false;    ///< W is the previous one again
};

/// Looks at what a half-step of W would be made of, tile by tile, on the thread that reads it.
template <class T>
struct Onlooker {
  virtual ~Onlooker() = default;
  /// Whether it still looks. If not, the sums are not needed either, and are left out.
  virtual bool looks(int thread) = 0;
  virtual void see(int thread, const ThreadRanges::Range& rows, const Statistics<T>& statistics) = 0;
};

/// V, a loss, a rule and the work space of threads for walks with factors of k components: an object of its own,
/// made once and handed to the loop. A fault in a walk that gathers (a rule that throws) goes into the sums, which
/// throw it on every rank where they meet those of the others.
template <class T>
class Sweep {
 public:
  /// `layout`: in which V shall lie. Laying it out takes as long as a walk or two. @pre v and loss outlive it
  Sweep(const DataMatrix<T>& v, const PanelLoss<T>& loss, Index components, int threads = 1,
        Layout layout = Layout::rows);

  /// Bytes of the work space of all threads.
  static double scratch_bytes(const PanelLoss<T>& loss, const Rule<T>& rule, const PanelSizes& tile,
                              Index components, const SumsOptions& threads);

  const Walk<T>& walk() const { return walk_; }
  const PanelLoss<T>& loss() const { return loss_; }
  /// By which W moves. @pre use was called
  const Rule<T>& rule() const { return *rule_; }

  /// Makes room for a rule, which must outlive this, where so many components of W are fixed. Must be called
  /// before the first move.
  void use(const Rule<T>& rule, Index fixed_components = 0);

  /// Sums that fit the threads of this sweep.
  Sums<T> make_sums(bool has_cross_gram = false) const;

  /// W = rule(...) and the sums of the new W, tile by tile while it is in cache.
  void move_and_gather(const WUpdate<T>& update, const FixedH<T>& h, const MovedRows<T>& w, Sums<T>& sums,
                       CostOf cost);
  /// The sums of W as it stands: half the work of a walk, or all of it where the cost of the pair (w, h) is asked
  /// for, or an onlooker is given.
  void gather(const FixedH<T>& h, MatrixView<T> w, Sums<T>& sums, CostOf cost, Onlooker<T>* onlooker = nullptr);
  /// W = rule(...), and the sums and the cost of the new pair, tile by tile while it is in cache. The onlooker is
  /// shown what W was solved from. @pre the rule solves its half-step, which is least squares
  void solve_and_gather(const HalfStep<T>& half_step, const FixedH<T>& h, MatrixView<T> w, Sums<T>& sums,
                        Onlooker<T>& onlooker);
  /// W = rule(...) alone. Throws what a rule throws, on this rank.
  void move(const WUpdate<T>& update, const FixedH<T>& h, const MovedRows<T>& w);
  /// Only the cost of the pair (w, h). Throws likewise.
  PanelCost cost(const FixedH<T>& h, MatrixView<T> w);

 private:
  struct Mover;
  struct Task;
  PanelSizes tile_sizes() const;
  // sweep_rows.cpp
  PanelRows<T> stored_rows(const ThreadRanges::Range& rows, MatrixView<T> w) const;
  /// With what the pair (w, h) says of unknown entries. Good until this thread asks again.
  PanelRows<T> filled(int thread, const PanelRows<T>& rows, const FixedH<T>& h);
  PanelRows<T> read(int thread, const ThreadRanges::Range& rows, MatrixView<T> w, const FixedH<T>& h);
  int threads() const { return walk_.threads(); }
  FixedH<T> with_blocks(FixedH<T> h);
  void run(const Task& task);
  void step_through(const Task& task, Team& team);
  void move_tile(const Task& task, int thread, Index t);
  double move_rows_of(const Mover& mover, int thread, const PanelRows<T>& rows, PanelCost* before);
  void see_tile(const Task& task, int thread, Index t);
  void gather_tile(const Task& task, int thread, Index t);
  void gather_features(const Task& task, int thread, Index t);
  PanelScratch<T>& scratch(int thread) { return scratch_[static_cast<std::size_t>(thread)]; }

  const PanelLoss<T>& loss_;
  const Rule<T>* rule_ = nullptr;
  Index components_;
  Walk<T> walk_;
  BlockedH<T> blocked_h_;                       // of the walk, where the loss asks for it
  std::vector<PanelScratch<T>> scratch_;        // one a thread
  std::vector<RuleScratch<T>> rule_scratch_;    // one a thread
  std::vector<std::vector<double>> squares_;    // of rows that are filled in, one a thread
  std::vector<std::vector<Index>> row_places_;  // begins and ends of a tile's rows in some features, one a thread
};

/// The cost of the pair (w, h), w being this rank's rows, over all ranks. Collective; a fault on one throws on
/// all.
template <class T>
PanelCost total_cost(Sweep<T>& sweep, const FixedH<T>& h, MatrixView<T> w);

}  // namespace mpinmf
