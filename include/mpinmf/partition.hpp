// Which rank owns which consecutive rows, and where the row panels lie.
#pragma once

#include <span>
#include <vector>

#include "mpinmf/matrix.hpp"

namespace mpinmf {

/// The rows of a matrix, cut twice: into panels of a fixed height, whatever the rank count, and into one run of
/// consecutive rows per rank. Example: 20 rows, height 8, two ranks.
///
///     row      0 . . . . . . . | 8 . . . . . . . | 16 . . . |
///     panel    0               | 1               | 2        |
///     rank     0                                 | 1        |    begin(1) = 16, rows(1) = 4
///
/// Partitions made by by_rows and by_weight cut between panels; one made by from_sizes cuts where the caller's
/// slices end, and a panel may then be shared out over two ranks. Ranks may be empty.
class Partition {
 public:
  Partition() = default;

  /// The panel height for a matrix: a power of two from 8 to 256, the largest whose panel stays in a
  /// common second-level cache and that leaves about 1,024 panels. It depends on nothing else.
  static Index panel_height_for(Index rows, Index columns, Index element_bytes);

  /// Whole panels to ranks, the same number of rows each as nearly as that allows (dense).
  static Partition by_rows(Index rows, Index panel_height, int ranks);
  /// Whole panels to ranks by their weights, one weight a panel (sparse: see panel_weight).
  static Partition by_weight(Index rows, Index panel_height, std::span<const double> weights, int ranks);
  /// Rank r owns the next sizes[r] rows.
  static Partition from_sizes(std::span<const Index> sizes, Index panel_height);

  Index rows() const { return begins_.empty() ? 0 : begins_.back(); }
  int ranks() const { return static_cast<int>(begins_.size()) - 1; }
  Index panel_height() const { return panel_height_; }
  Index begin(int rank) const { return begins_[static_cast<std::size_t>(rank)]; }
  Index end(int rank) const { return begins_[static_cast<std::size_t>(rank) + 1]; }
  Index rows(int rank) const { return end(rank) - begin(rank); }
  /// The rank that owns a row.
  int owner(Index row) const;

  /// The panels (or parts of them) that a rank owns, and the rows of each, counted from begin(rank).
  Index panels(int rank) const;
  struct Rows {
    Index first, count;
  };
  Rows panel_rows(int rank, Index panel) const;

 private:
  std::vector<Index> begins_;  // ranks + 1 rows, ascending from 0
  Index panel_height_ = 8;
};

/// What a sparse row costs in a sweep, in units of one stored entry: its entries, and the arithmetic on the
/// k x k matrices that every row needs (about 3 k^2 multiplications, where an entry takes 4 k).
inline double sparse_row_weight(Index stored, Index components) {
  return static_cast<double>(stored) + 0.75 * static_cast<double>(components) + 1;
}

}  // namespace mpinmf
