#include "sweep.hpp"

#include <algorithm>

#include "extrapolation.hpp"
#include "kernels/gram.hpp"
#include "settings.hpp"

namespace mpinmf {
namespace {

/// In single precision partial sums over more rows than this would lose digits.
constexpr Index rows_between_flushes = 4096;

/// A tile is read twice, so it stays within half of a common second-level cache (1 MiB), as far as `least` rows
/// do. Fewer rows would fetch H and the sums too often, more would not fetch them less.
constexpr Index tile_bytes = Index{512} * 1024, least_tile_rows = 16, most_tile_rows = 64;

template <class T>
Index tile_rows_for(const DataMatrix<T>& v) {
  if (v.is_sparse()) return most_tile_rows;
  const Index rows = tile_bytes / (v.columns() * static_cast<Index>(sizeof(T)));
  return std::clamp(rows / least_tile_rows * least_tile_rows, least_tile_rows, most_tile_rows);
}

/// Work in rows 0 .. row - 1.
template <class T>
double work_before(const DataMatrix<T>& v, Index row, Index components) {
  return static_cast<double>(v.stored_before(row)) + static_cast<double>(row) * sparse_row_weight(0, components);
}

/// Whole panels to threads, as equal as that allows.
template <class T>
std::vector<ThreadRanges::Range> cut_rows(const DataMatrix<T>& v, Index components, int threads) {
  std::vector<ThreadRanges::Range> ranges(static_cast<std::size_t>(threads));
  const double total = work_before(v, v.rows_local(), components);
  Index panel = 0, first = 0;
  for (int t = 0; t < threads; ++t) {
    const double aim = total * (t + 1) / threads;
    Index last = first;
    while (panel < v.panels()) {
      const auto [begin, count] = v.panel_rows(panel);
      const double middle = (work_before(v, begin, components) + work_before(v, begin + count, components)) / 2;
      if (t + 1 < threads && middle > aim) break;
      last = begin + count;
      ++panel;
    }
    ranges[static_cast<std::size_t>(t)] = {first, last - first};
    first = last;
  }
  return ranges;
}

/// Features to threads by their entries in this rank's rows.
template <class T>
std::vector<ThreadRanges::Range> cut_features(const DataMatrix<T>& v, int threads) {
  const Index n = v.columns();
  std::vector<double> entries(static_cast<std::size_t>(n), 1);
  if (v.is_sparse()) {
    const RowPanel<T> all = v.rows(0, v.rows_local());
    for (Index i = 0; i < v.rows_local(); ++i) {
      all.for_stored(i, [&](Index j, T) { entries[static_cast<std::size_t>(j)] += 1; });
    }
  }
  double total = 0, before = 0;
  for (const double e : entries) total += e;
  std::vector<ThreadRanges::Range> ranges(static_cast<std::size_t>(threads));
  Index first = 0, last = 0;
  for (int t = 0; t < threads; ++t) {
    while (last < n && (t + 1 == threads ||
                        before + entries[static_cast<std::size_t>(last)] / 2 < total * (t + 1) / threads)) {
      before += entries[static_cast<std::size_t>(last++)];
    }
    ranges[static_cast<std::size_t>(t)] = {first, last - first};
    first = last;
  }
  return ranges;
}

}  // namespace

template <class T>
ThreadRanges thread_ranges(const DataMatrix<T>& v, StatisticsSet statistics, Index components, int threads) {
  ThreadRanges ranges;
  ranges.rows = cut_rows(v, components, threads);
  ranges.tile_rows = tile_rows_for(v);
  const double element = sizeof(T), copies = (statistics & large_statistics).count();
  const double sums = copies * static_cast<double>(v.columns()) * static_cast<double>(components) * element;
  const double slice =
      static_cast<double>(v.stored_before(v.rows_local())) * (element + (v.is_sparse() ? sizeof(ColumnIndex) : 0));
  ranges.share_sums = threads > 1 && threads * sums > slice;
  if (ranges.share_sums) ranges.features = cut_features(v, threads);
  return ranges;
}

template <class T>
PanelRows<T> rows_with_factor(const DataMatrix<T>& v, Index first, Index count, MatrixView<T> w) {
  return {v.rows(first, count), w.middle_rows(first, count),
          v.row_squares().subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count))};
}

template <class T>
PanelScratch<T> make_scratch(const DataMatrix<T>& v, const PanelLoss<T>& loss, Index components, Index rows) {
  PanelScratch<T> scratch;
  (loss.statistics() & large_statistics).for_each([&](Statistic s) {
    scratch.large[s] = Matrix<T>::padded(rows, components);
  });
  scratch.product = Matrix<T>::padded(rows, components);
  loss.reserve(scratch, {rows, v.columns(), v.longest_row()}, components);
  return scratch;
}

template <class T>
Sweep<T>::Sweep(const DataMatrix<T>& v, const PanelLoss<T>& loss, Index components, int threads)
    : v_(v),
      loss_(loss),
      components_(components),
      ranges_(thread_ranges(v, loss.statistics(), components, threads)),
      scratch_(static_cast<std::size_t>(threads)),
      row_places_(static_cast<std::size_t>(threads)) {
  for (PanelScratch<T>& scratch : scratch_) scratch = make_scratch(v, loss, components, ranges_.tile_rows);
  if (!ranges_.share_sums) return;
  for (auto& places : row_places_) places.resize(static_cast<std::size_t>(2 * ranges_.tile_rows));
}

template <class T>
void Sweep<T>::use(const Rule<T>& rule) {
  rule_scratch_.clear();
  for (PanelScratch<T>& scratch : scratch_) {
    rule_scratch_.push_back(make_rule_scratch(rule, ranges_.tile_rows, components_));
    if (rule.reserve_w != nullptr) {
      rule.reserve_w(scratch, {ranges_.tile_rows, v_.columns(), v_.longest_row()}, components_);
    }
  }
}

template <class T>
Sums<T> Sweep<T>::make_sums(bool has_cross_gram) const {
  StatisticsSet statistics = loss_.statistics();
  if (has_cross_gram) statistics = statistics | StatisticsSet{Statistic::cross_gram};
  return Sums<T>(statistics, v_.columns(), components_, {threads(), ranges_.share_sums});
}

template <class T>
Index Sweep<T>::tiles(int thread) const {
  const Index rows = ranges_.rows[static_cast<std::size_t>(thread)].count;
  return (rows + ranges_.tile_rows - 1) / ranges_.tile_rows;
}

template <class T>
PanelRows<T> Sweep<T>::tile(int thread, Index t, MatrixView<T> w) const {
  const auto [first, count] = ranges_.rows[static_cast<std::size_t>(thread)];
  const Index begin = t * ranges_.tile_rows;
  return rows_with_factor(v_, first + begin, std::min(ranges_.tile_rows, count - begin), w);
}

/// What lies beside the rows x of all of W.
template <class T>
MatrixView<T> same_rows(MatrixView<T> x, MatrixView<T> all_x, MatrixView<T> all) {
  if (all.rows() == 0) return {};
  return all.middle_rows((x.data() - all_x.data()) / all_x.stride(), x.rows());
}

/// What a walk is asked to do.
template <class T>
struct Sweep<T>::Walk {
  const WUpdate<T>& update;
  const FixedH<T>& h;
  const MovedRows<T>& w;
  Sums<T>& sums;
  CostOf cost;
};

template <class T>
void Sweep<T>::move_tile(const Walk& walk, int thread, Index t) {
  PanelScratch<T>& scratch = scratch_[static_cast<std::size_t>(thread)];
  PanelCost& cost = walk.sums.cost(thread);
  PanelCost* before = walk.cost == CostOf::pair_before ? &cost : nullptr;
  const PanelRows<T> rows = tile(thread, t, walk.w.x);
  const Rule<T>& rule = walk.update.rule;
  const HalfStep<T>& half_step = walk.update.half_step;
  const MatrixView<T> previous = same_rows(rows.w, walk.w.x, walk.update.previous);
  if (previous.rows() > 0 && rule.move_w != nullptr) {
    step_ahead(walk.update.momentum, walk.update.go_back, rows.w, previous);
  }
  if (rule.move_w != nullptr) {
    cost.violation += rule.move_w(rule, {half_step, loss_, rows, same_rows(rows.w, walk.w.x, walk.w.state), walk.h,
                                         scratch, rule_scratch_[static_cast<std::size_t>(thread)], before});
  } else if (walk.cost != CostOf::nothing) {  // a walk that only gathers sums leaves V H' out
    loss_.gather_w(rows, walk.h, scratch, before);
  }
  const GatheredSums<T> sums = walk.sums.partial(thread);
  loss_.gather_small(rows.w, scratch, sums);
  if (previous.rows() > 0) add_cross_gram<T>(rows.w, previous, sums.small[Statistic::cross_gram], scratch.gram);
  cost.penalty += penalty_of<T>(half_step.settings, rows.w);
}

template <class T>
void Sweep<T>::gather_tile(const Walk& walk, int thread, Index t) {
  PanelCost* after = walk.cost == CostOf::pair_after ? &walk.sums.cost(thread) : nullptr;
  loss_.gather_h(tile(thread, t, walk.w.x), walk.h, scratch_[static_cast<std::size_t>(thread)],
                 walk.sums.partial(thread), after);
}

/// Adds to the features of one thread what the t-th tiles of all threads have there.
template <class T>
void Sweep<T>::gather_features(const Walk& walk, int thread, Index t) {
  const auto [first, count] = ranges_.features[static_cast<std::size_t>(thread)];
  if (count == 0) return;
  for (int owner = 0; owner < threads(); ++owner) {
    if (t >= tiles(owner)) continue;
    const PanelRows<T> rows = tile(owner, t, walk.w.x);
    const RowPanel<T> part = rows.v.some_columns(first, count, row_places_[static_cast<std::size_t>(thread)]);
    loss_.gather_h({part, rows.w, rows.row_squares}, walk.h, scratch_[static_cast<std::size_t>(thread)],
                   walk.sums.partial(thread), nullptr);
  }
}

template <class T>
void Sweep<T>::move_and_gather(const WUpdate<T>& update, const FixedH<T>& h, const MovedRows<T>& w, Sums<T>& sums,
                               CostOf cost) {
  assert(sums.threads() == threads() && sums.is_shared() == (ranges_.share_sums && threads() > 1));
  const Walk walk{update, h, w, sums, cost};
  Index most_tiles = 0;
  for (int t = 0; t < threads(); ++t) most_tiles = std::max(most_tiles, tiles(t));
  const Index summed_at_once = ranges_.share_sums ? threads() : 1;  // tiles that one partial sum takes at a time
  const Index batch = sizeof(T) == 4
                          ? std::max<Index>(1, rows_between_flushes / (ranges_.tile_rows * summed_at_once))
                          : std::max<Index>(1, most_tiles);
  const int parts = threads();
  // Loops over threads() turns, so that a smaller team does the same work with the same bits.
#pragma omp parallel num_threads(parts)
  for (Index begin = 0; begin == 0 || begin < most_tiles; begin += batch) {
    const Index end = std::min(begin + batch, most_tiles);
    if (!ranges_.share_sums) {
#pragma omp for schedule(static, 1)
      for (int thread = 0; thread < parts; ++thread) {
        for (Index t = begin; t < std::min(end, tiles(thread)); ++t) {
          move_tile(walk, thread, t);
          gather_tile(walk, thread, t);
        }
      }
    } else {
      for (Index t = begin; t < end; ++t) {
#pragma omp for schedule(static, 1)
        for (int thread = 0; thread < parts; ++thread) {
          if (t >= tiles(thread)) continue;
          move_tile(walk, thread, t);
          if (cost == CostOf::pair_after) {
            loss_.gather_w(tile(thread, t, w.x), h, scratch_[static_cast<std::size_t>(thread)], &sums.cost(thread),
                           true);
          }
        }
#pragma omp for schedule(static, 1)
        for (int thread = 0; thread < parts; ++thread) gather_features(walk, thread, t);
      }
    }
#pragma omp for schedule(static, 1)
    for (int part = 0; part < parts; ++part) sums.flush(part, parts);
  }
}

template <class T>
void Sweep<T>::gather(const FixedH<T>& h, MatrixView<T> w, Sums<T>& sums, CostOf cost) {
  Rule<T> stay;
  stay.move_w = nullptr;  // moves nothing
  const HalfStep<T> none{};
  move_and_gather({stay, none, {}}, h, {w, {}}, sums, cost);
}

template <class T>
PanelCost Sweep<T>::cost(const FixedH<T>& h, MatrixView<T> w) {
  const int parts = threads();
  std::vector<PanelCost> costs(static_cast<std::size_t>(parts));
#pragma omp parallel for num_threads(parts) schedule(static, 1)
  for (int thread = 0; thread < parts; ++thread) {
    const auto mine = static_cast<std::size_t>(thread);
    PanelCost own;
    for (Index t = 0; t < tiles(thread); ++t) loss_.gather_w(tile(thread, t, w), h, scratch_[mine], &own);
    costs[mine] = own;
  }
  PanelCost total;
  for (const PanelCost& own : costs) {
    total += own;
  }
  return total;
}

template ThreadRanges thread_ranges(const DataMatrix<float>&, StatisticsSet, Index, int);
template ThreadRanges thread_ranges(const DataMatrix<double>&, StatisticsSet, Index, int);
template class Sweep<float>;
template class Sweep<double>;
template PanelRows<float> rows_with_factor(const DataMatrix<float>&, Index, Index, MatrixView<float>);
template PanelRows<double> rows_with_factor(const DataMatrix<double>&, Index, Index, MatrixView<double>);
template PanelScratch<float> make_scratch(const DataMatrix<float>&, const PanelLoss<float>&, Index, Index);
template PanelScratch<double> make_scratch(const DataMatrix<double>&, const PanelLoss<double>&, Index, Index);

}  // namespace mpinmf
