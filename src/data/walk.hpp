// The only walk over the rows of V that a rank owns. No communication.
//
// V's rows are cut into panels. Whole panels go to ranks and then to threads, and a thread reads its rows in
// tiles:
//
//     panels    | panel | panel | panel | panel | panel | panel | panel |   of a height that V alone decides
//     ranks     | rank 0                        | rank 1                |   whole panels
//     threads   | thread 0      | thread 1      | thread 0  | thread 1  |   whole panels of equal work
//     tiles     | tile | tile | | tile | tile | | tile | ti | tile | ti |   of the rank's rows, cut by threads
//
// A panel is the unit of who owns what: ranks and threads never share one. A tile is the unit of work: it is read
// twice (for W, then for H) while it is in cache, so its height is a question of cache alone, and a panel may hold
// several tiles or a tile several panels. What a walk adds up, it adds up in the order of tiles for each thread,
// and then in the order of threads.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include "machine/team.hpp"
#include "mpinmf/data_matrix.hpp"

namespace mpinmf {

/// How a rank's share of a walk is cut among its threads. A function of the data, k and the number of threads, so
/// that the same run gives the same bits.
struct ThreadRanges {
  struct Range {
    Index first = 0, count = 0;
  };
  std::vector<Range> rows;  ///< one a thread; of this rank, whole panels
  Layout layout = Layout::rows;
  Index tile_rows = 0;
  /// Each thread sums over its rows into an n x k of its own; where these would outweigh V, all sum into one, and
  /// the tiles that the threads have just moved are read again by features: thread 0 adds what is in the first
  /// columns of them, thread 1 in the last.
  bool share_sums = false;
  std::vector<Range> features;  ///< one a thread; only where sums are shared
};

/// Rows of equal work for each thread, tiles of the height that V and the machine suggest (tile.hpp).
template <class T>
ThreadRanges row_ranges(const DataMatrix<T>& v, Index components, int threads);
/// The same for a walk that sums up so many numbers a feature, and wants this layout. Threads that share sums look
/// for some columns in rows.
template <class T>
ThreadRanges summing_ranges(const DataMatrix<T>& v, Index components, Index numbers, int threads, Layout wanted);
/// As many panels for each thread, and one a tile.
template <class T>
ThreadRanges ranges_of_panels(const DataMatrix<T>& v, int threads);
/// Whether threads share one sum instead, for sums of so many bytes beside such entries of V.
bool share_sums(double sum_bytes, double entry_bytes, int threads);
/// Into how many n x l sums of their own so many threads may add before these outweigh V.
template <class T>
int threads_with_sums(const DataMatrix<T>& v, Index columns, int threads);
int threads_with_sums(double sum_bytes, double entry_bytes, int threads);

template <class T>
class Walk {
 public:
  using Range = ThreadRanges::Range;
  /// @pre v outlives it
  Walk(const DataMatrix<T>& v, ThreadRanges ranges) : v_(v), ranges_(std::move(ranges)) {}

  const DataMatrix<T>& v() const { return v_; }
  const ThreadRanges& ranges() const { return ranges_; }
  int threads() const { return static_cast<int>(ranges_.rows.size()); }

  Index tiles(int thread) const {
    const auto [first, count] = range(thread);
    return count == 0 ? 0 : (first + count - 1) / ranges_.tile_rows - first / ranges_.tile_rows + 1;
  }
  /// The most of any thread.
  Index most_tiles() const {
    Index most = 0;
    for (int thread = 0; thread < threads(); ++thread) most = std::max(most, tiles(thread));
    return most;
  }
  /// The rows of the t-th tile of a thread, counted from the rank's first. Where a thread begins or ends within a
  /// tile of the rank, its first or last tile is lower.
  Range tile(int thread, Index t) const {
    const auto [first, count] = range(thread);
    const Index begin = (first / ranges_.tile_rows + t) * ranges_.tile_rows, end = begin + ranges_.tile_rows;
    return {std::max(begin, first), std::min(end, first + count) - std::max(begin, first)};
  }
  /// Lays V out as the walk reads it, before it begins.
  void lay_out() const { v_.lay_out(ranges_.layout, threads()); }
  RowPanel<T> read(const Range& rows) const {
    v_.move_window(rows.first, rows.count);
    return v_.rows(rows.first, rows.count);
  }

  /// work(thread, rows) for each tile, every thread its own. Throws what the first to fail throws.
  template <class F>
  void each(F&& work) const {
    Team team(threads());
    team.each([&](int thread) {
      for (Index t = 0; t < tiles(thread); ++t) work(thread, tile(thread, t));
    });
  }

 private:
  const Range& range(int thread) const { return ranges_.rows[static_cast<std::size_t>(thread)]; }

  const DataMatrix<T>& v_;
  ThreadRanges ranges_;
};

}  // namespace mpinmf
