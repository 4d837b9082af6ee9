#include "walk.hpp"

#include "tile.hpp"

namespace mpinmf {
namespace {

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
  const std::vector<Index> entries = v.entries_of_columns();
  const auto weight = [&](Index j) { return 1 + static_cast<double>(entries[static_cast<std::size_t>(j)]); };
  double total = 0, before = 0;
  for (Index j = 0; j < v.columns(); ++j) total += weight(j);
  std::vector<ThreadRanges::Range> ranges(static_cast<std::size_t>(threads));
  Index first = 0, last = 0;
  for (int t = 0; t < threads; ++t) {
    while (last < v.columns() && (t + 1 == threads || before + weight(last) / 2 < total * (t + 1) / threads)) {
      before += weight(last++);
    }
    ranges[static_cast<std::size_t>(t)] = {first, last - first};
    first = last;
  }
  return ranges;
}

}  // namespace

bool share_sums(double sum_bytes, double entry_bytes, int threads) {
  return threads > 1 && threads * sum_bytes > entry_bytes;
}

int threads_with_sums(double sum_bytes, double entry_bytes, int threads) {
  return static_cast<int>(std::clamp(entry_bytes / std::max(sum_bytes, 1.0), 1.0, static_cast<double>(threads)));
}

template <class T>
ThreadRanges row_ranges(const DataMatrix<T>& v, Index components, int threads) {
  ThreadRanges ranges;
  ranges.rows = cut_rows(v, components, threads);
  ranges.tile_rows = tile_rows<T>({v.columns(), components, v.is_sparse()});
  return ranges;
}

template <class T>
ThreadRanges summing_ranges(const DataMatrix<T>& v, Index components, Index numbers, int threads, Layout wanted) {
  ThreadRanges ranges = row_ranges(v, components, threads);
  ranges.share_sums = share_sums(plain_bytes<T>(v.columns(), numbers), v.entry_bytes(), threads);
  if (ranges.share_sums) {
    ranges.features = cut_features(v, threads);
  } else {
    ranges.layout = v.layout_for(wanted);
    ranges.tile_rows = tile_rows<T>({v.columns(), components, v.is_sparse(), ranges.layout});
  }
  return ranges;
}

template <class T>
ThreadRanges ranges_of_panels(const DataMatrix<T>& v, int threads) {
  ThreadRanges ranges;
  ranges.tile_rows = v.partition().panel_height();
  const Index panels = v.panels(), share = (panels + threads - 1) / threads;
  const auto first_row = [&](Index panel) { return panel < panels ? v.panel_rows(panel).first : v.rows_local(); };
  for (Index t = 0; t < threads; ++t) {
    const Index first = first_row(t * share);
    ranges.rows.push_back({first, first_row((t + 1) * share) - first});
  }
  return ranges;
}

template <class T>
int threads_with_sums(const DataMatrix<T>& v, Index columns, int threads) {
  return threads_with_sums(plain_bytes<T>(v.columns(), columns), v.entry_bytes(), threads);
}

template ThreadRanges row_ranges(const DataMatrix<float>&, Index, int);
template ThreadRanges row_ranges(const DataMatrix<double>&, Index, int);
template ThreadRanges summing_ranges(const DataMatrix<float>&, Index, Index, int, Layout);
template ThreadRanges summing_ranges(const DataMatrix<double>&, Index, Index, int, Layout);
template ThreadRanges ranges_of_panels(const DataMatrix<float>&, int);
template ThreadRanges ranges_of_panels(const DataMatrix<double>&, int);
template int threads_with_sums(const DataMatrix<float>&, Index, int);
template int threads_with_sums(const DataMatrix<double>&, Index, int);

}  // namespace mpinmf
