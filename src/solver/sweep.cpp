#include "sweep.hpp"

#include <algorithm>
#include <exception>
#include <limits>

#include "extrapolation.hpp"
#include "kernels/gram.hpp"
#include "settings.hpp"

namespace mpinmf {
namespace {

/// In single precision partial sums over more rows than this would lose digits.
constexpr Index rows_between_flushes = 4096;

/// What lies beside the rows x of all of W.
template <class T>
MatrixView<T> same_rows(MatrixView<T> x, MatrixView<T> all_x, MatrixView<T> all) {
  if (all.rows() == 0) return {};
  return all.middle_rows((x.data() - all_x.data()) / all_x.stride(), x.rows());
}

}  // namespace

/// How W moves, and from what.
template <class T>
struct Sweep<T>::Mover {
  const WUpdate<T>& update;
  const FixedH<T>& h;
  const MovedRows<T>& w;
};

/// What a walk that gathers is asked to do.
template <class T>
struct Sweep<T>::Task {
  const Mover* mover;  ///< null: W stays
  const FixedH<T>& h;
  MatrixView<T> w;
  Sums<T>& sums;
  CostOf cost;
  Onlooker<T>* onlooker = nullptr;

  /// If not, it was told where the onlooker saw the tile.
  bool gathers_cost() const { return cost == CostOf::pair_after && onlooker == nullptr; }
  bool needs_sums(int thread) const { return onlooker == nullptr || onlooker->looks(thread); }
};

template <class T>
Sweep<T>::Sweep(const DataMatrix<T>& v, const PanelLoss<T>& loss, Index components, int threads, Layout layout)
    : loss_(loss),
      components_(components),
      walk_(v, thread_ranges(v, loss.statistics(), components, threads, layout)),
      scratch_(static_cast<std::size_t>(threads)),
      squares_(static_cast<std::size_t>(threads)),
      row_places_(static_cast<std::size_t>(threads)) {
  const PanelSizes sizes = tile_sizes();
  const PanelRoom room = loss.room(sizes, components);
  if (room.model.blocked_h) blocked_h_ = BlockedH<T>(sizes.columns, components);
  for (PanelScratch<T>& scratch : scratch_) {
    scratch.reserve(loss.statistics(), sizes.rows, components, room);
  }
  for (auto& squares : squares_) squares.resize(v.has_unknown() ? static_cast<std::size_t>(sizes.rows) : 0);
  if (!walk_.ranges().share_sums) return;
  for (auto& places : row_places_) places.resize(static_cast<std::size_t>(2 * sizes.rows));
}

template <class T>
double Sweep<T>::scratch_bytes(const PanelLoss<T>& loss, const Rule<T>& rule, const PanelSizes& tile,
                               Index components, const SumsOptions& threads) {
  const PanelRoom room = loss.room(tile, components);
  const ModelRoom more = rule.room_w == nullptr ? ModelRoom() : rule.room_w(tile, components);
  const double of_thread = PanelScratch<T>::bytes(loss.statistics(), tile.rows, components, room) +
                           ModelScratch<T>::bytes(more) +
                           rule_scratch_bytes(rule, rows_moved_together(tile.rows), components) +
                           (threads.is_shared ? plain_bytes<Index>(2, tile.rows) : 0);
  return (room.model.blocked_h ? BlockedH<T>::bytes(tile.columns, components) : 0) + threads.threads * of_thread;
}

template <class T>
void Sweep<T>::use(const Rule<T>& rule, Index fixed_components) {
  rule_ = &rule;
  rule_scratch_.clear();
  const PanelSizes sizes = tile_sizes();
  for (PanelScratch<T>& scratch : scratch_) {
    rule_scratch_.push_back(
        make_rule_scratch(rule, rows_moved_together(sizes.rows), components_, fixed_components));
    if (rule.room_w != nullptr) scratch.model.reserve(rule.room_w(sizes, components_));
  }
}

template <class T>
Sums<T> Sweep<T>::make_sums(bool has_cross_gram) const {
  StatisticsSet statistics = loss_.statistics();
  if (has_cross_gram) statistics = statistics | StatisticsSet{Statistic::cross_gram};
  return Sums<T>(statistics, walk_.v().columns(), components_, {threads(), walk_.ranges().share_sums});
}

/// Returns the violation. The cost of the pair before is raised if given.
template <class T>
double Sweep<T>::move_rows_of(const Mover& mover, int thread, const PanelRows<T>& rows, PanelCost* before) {
  const auto& [update, h, w] = mover;
  return rule_->move_w(*rule_, {update.half_step, loss_, rows, same_rows(rows.w, w.x, w.state), h, scratch(thread),
                                rule_scratch_[static_cast<std::size_t>(thread)], before});
}

template <class T>
void Sweep<T>::move_tile(const Task& task, int thread, Index t) {
  const WUpdate<T>& update = task.mover->update;
  const ThreadRanges::Range tile = walk_.tile(thread, t);
  const MatrixView<T> own_w = task.w.middle_rows(tile.first, tile.count);
  const MatrixView<T> previous = same_rows(own_w, task.w, update.previous);
  if (previous.rows() > 0) step_ahead(update.momentum, update.go_back, own_w, previous);
  const PanelRows<T> rows = read(thread, tile, task.w, task.h);
  PanelCost& cost = task.sums.cost(thread);
  cost.violation += move_rows_of(*task.mover, thread, rows, task.cost == CostOf::pair_before ? &cost : nullptr);
  cost.penalty += penalty_of<T>(update.half_step.settings, rows.w);
  if (task.onlooker != nullptr) return see_tile(task, thread, t);
  const GatheredSums<T> sums = task.sums.partial(thread);
  loss_.gather_small(rows.w, scratch(thread), sums);
  if (task.sums.statistics().has(Statistic::cross_gram))
    add_cross_gram<T>(rows.w, previous, sums.small[Statistic::cross_gram], scratch(thread).gram);
}

/// W stays, or has just been solved for. V H' (or its counterpart in other losses) is made only where it is used
/// and not yet there.
template <class T>
void Sweep<T>::see_tile(const Task& task, int thread, Index t) {
  const ThreadRanges::Range range = walk_.tile(thread, t);
  const PanelRows<T> rows = read(thread, range, task.w, task.h);
  PanelCost* cost = task.cost == CostOf::nothing ? nullptr : &task.sums.cost(thread);
  const bool is_seen = task.onlooker != nullptr && task.onlooker->looks(thread);
  if (is_seen || cost != nullptr) {
    const bool again = task.mover != nullptr && !walk_.v().has_unknown();
    const Statistics<T> statistics = loss_.gather_w(rows, task.h, scratch(thread), cost, again);
    if (is_seen) task.onlooker->see(thread, range, statistics);
  }
  if (task.needs_sums(thread)) loss_.gather_small(rows.w, scratch(thread), task.sums.partial(thread));
}

template <class T>
void Sweep<T>::gather_tile(const Task& task, int thread, Index t) {
  if (!task.needs_sums(thread)) return;
  PanelCost* after = task.gathers_cost() ? &task.sums.cost(thread) : nullptr;
  const PanelRows<T> rows = read(thread, walk_.tile(thread, t), task.w, task.h);
  // filled in by the new W, V H' is another
  if (after != nullptr && walk_.v().has_unknown()) loss_.gather_w(rows, task.h, scratch(thread), nullptr);
  loss_.gather_h(rows, task.h, scratch(thread), task.sums.partial(thread), after);
}

/// Adds to the features of one thread what the t-th tiles of all threads have there.
template <class T>
void Sweep<T>::gather_features(const Task& task, int thread, Index t) {
  const auto [first, count] = walk_.ranges().features[static_cast<std::size_t>(thread)];
  if (count == 0 || !task.needs_sums(thread)) return;
  for (int owner = 0; owner < threads(); ++owner) {
    if (t >= walk_.tiles(owner)) continue;
    PanelRows<T> rows = stored_rows(walk_.tile(owner, t), task.w);
    rows.v = rows.v.some_columns(first, count, row_places_[static_cast<std::size_t>(thread)]);
    loss_.gather_h(filled(thread, rows, task.h), task.h, scratch(thread), task.sums.partial(thread), nullptr);
  }
}

/// On each thread of the team.
template <class T>
void Sweep<T>::step_through(const Task& task, Team& team) {
  const bool shares = walk_.ranges().share_sums;
  const Index most_tiles = walk_.most_tiles(), summed_at_once = shares ? threads() : 1;  // tiles in a partial sum
  const Index batch = sizeof(T) == 4
                          ? std::max<Index>(1, rows_between_flushes / (walk_.ranges().tile_rows * summed_at_once))
                          : std::max<Index>(1, most_tiles);
  const auto visit = [&](int thread, Index t) {
    task.mover != nullptr ? move_tile(task, thread, t) : see_tile(task, thread, t);
  };
  for (Index begin = 0; begin == 0 || begin < most_tiles; begin += batch) {
    const Index end = std::min(begin + batch, most_tiles);
    if (!shares) {
      team.share([&](int thread) {
        for (Index t = begin; t < std::min(end, walk_.tiles(thread)); ++t) {
          visit(thread, t);
          gather_tile(task, thread, t);
        }
      });
    }
    for (Index t = begin; shares && t < end; ++t) {
      team.share([&](int thread) {
        if (t >= walk_.tiles(thread)) return;
        visit(thread, t);
        if (!task.gathers_cost()) return;
        loss_.gather_w(read(thread, walk_.tile(thread, t), task.w, task.h), task.h, scratch(thread),
                       &task.sums.cost(thread), !walk_.v().has_unknown());
      });
      team.share([&](int thread) { gather_features(task, thread, t); });
    }
    team.share([&](int part) { task.sums.flush(part, threads()); });
  }
}

/// H for a walk.
template <class T>
FixedH<T> Sweep<T>::with_blocks(FixedH<T> h) {
  if (blocked_h_.view().rows() == 0) return h;
  Team team(threads());
  team.each([&](int part) { blocked_h_.fill(h.ht, part, threads()); });
  h.blocked = blocked_h_.view();
  return h;
}

template <class T>
void Sweep<T>::run(const Task& task) {
  assert(task.sums.threads() == threads());
  assert(task.sums.is_shared() == (walk_.ranges().share_sums && threads() > 1));
  Team team(threads());
  try {
    walk_.lay_out();
    team.run([&] { step_through(task, team); });
  } catch (...) {
    task.sums.fail(std::current_exception());
  }
}

template <class T>
void Sweep<T>::move_and_gather(const WUpdate<T>& update, const FixedH<T>& h, const MovedRows<T>& w, Sums<T>& sums,
                               CostOf cost) {
  const FixedH<T> seen = with_blocks(h);
  const Mover mover{update, seen, w};
  run({&mover, seen, w.x, sums, cost});
}

template <class T>
void Sweep<T>::gather(const FixedH<T>& h, MatrixView<T> w, Sums<T>& sums, CostOf cost, Onlooker<T>* onlooker) {
  // the pair before is the pair after
  const FixedH<T> seen = with_blocks(h);
  run({nullptr, seen, w, sums, cost == CostOf::nothing ? cost : CostOf::pair_before, onlooker});
}

template <class T>
void Sweep<T>::solve_and_gather(const HalfStep<T>& half_step, const FixedH<T>& h, MatrixView<T> w, Sums<T>& sums,
                                Onlooker<T>& onlooker) {
  const WUpdate<T> update{half_step, {}};
  const Mover mover{update, h, {w, {}}};
  run({&mover, h, w, sums, CostOf::pair_after, &onlooker});
}

template <class T>
void Sweep<T>::move(const WUpdate<T>& update, const FixedH<T>& h, const MovedRows<T>& w) {
  const FixedH<T> seen = with_blocks(h);
  const Mover mover{update, seen, w};
  walk_.lay_out();
  walk_.each([&](int thread, const ThreadRanges::Range& rows) {
    move_rows_of(mover, thread, read(thread, rows, w.x, seen), nullptr);
  });
}

template <class T>
PanelCost Sweep<T>::cost(const FixedH<T>& h, MatrixView<T> w) {
  const FixedH<T> seen = with_blocks(h);
  std::vector<PanelCost> costs(scratch_.size());
  walk_.lay_out();
  walk_.each([&](int thread, const ThreadRanges::Range& rows) {
    loss_.gather_w(read(thread, rows, w, seen), seen, scratch(thread), &costs[static_cast<std::size_t>(thread)]);
  });
  PanelCost total;
  for (const PanelCost& own : costs) total += own;
  return total;
}

template <class T>
PanelCost total_cost(Sweep<T>& sweep, const FixedH<T>& h, MatrixView<T> w) {
  constexpr double walk_failed = -std::numeric_limits<double>::infinity();  // no sum of costs takes it back
  const Comm& comm = sweep.walk().v().comm();
  PanelCost own;
  std::exception_ptr fault;
  try {
    own = sweep.cost(h, w);
  } catch (...) {
    fault = std::current_exception();
    own.loss = walk_failed;
  }
  const PanelCost total = sum_over(comm, own);
  if (total.loss == walk_failed) {
    comm.meet([&] {
      if (fault != nullptr) std::rethrow_exception(fault);
    });
  }
  return total;
}

template class Sweep<float>;
template class Sweep<double>;
template PanelCost total_cost(Sweep<float>&, const FixedH<float>&, MatrixView<float>);
template PanelCost total_cost(Sweep<double>&, const FixedH<double>&, MatrixView<double>);

}  // namespace mpinmf
