// What columns hold, gathered row by row: counts, variances, norms, and the scales and choices that follow from
// them.
#pragma once

#include <span>
#include <vector>

#include "mpinmf/comm.hpp"
#include "preparation.hpp"

namespace mpinmf::io {

enum class Absent { zero, unknown };

/// Of all columns of a matrix whose rows the ranks have between them. What it says is the same on every rank.
class ColumnStatistics {
 public:
  /// `absent`: what it means that a row has no entry of a column.
  explicit ColumnStatistics(Index columns, Absent absent = Absent::zero);
  static double bytes(Index columns) { return 5 * plain_bytes<double>(columns, 1); }

  /// A row, its columns numbered as here. Negative values count as 0; NaN is not known and counts in nothing.
  void add(const RowEntries& row);
  /// Brings together what the ranks have added. Collective.
  void meet(const Comm& comm);

  Index rows() const { return rows_; }
  /// Nonzeros; with what is not known.
  Index count(Index column) const { return static_cast<Index>(counts_[static_cast<std::size_t>(column)]); }
  double mean(Index column) const { return means_[static_cast<std::size_t>(column)]; }
  Index stored(Index column) const {
    const auto j = static_cast<std::size_t>(column);
    return absent_ == Absent::zero ? count(column) + static_cast<Index>(unknown_[j])
                                   : static_cast<Index>(known(j));
  }
  /// Of the population: divided by the number of rows where the column is known.
  double variance(Index column) const;
  /// What --scale-columns divides a column by; 1 where the column is empty or, for std, constant.
  double scale(const std::string& how, Index column) const;

 private:
  double known(std::size_t column) const { return static_cast<double>(rows_) - unknown_[column]; }

  // of the nonzero entries until they meet, then of all
  std::vector<double> counts_, means_, squares_;  // squares: of the differences from the mean, summed
  std::vector<double> largest_, unknown_;
  Index rows_ = 0;
  Absent absent_;
};

/// Leaves of `among` the `count` columns of the largest variance. Of columns whose variances differ by less than
/// rounding does, those that come first are taken, whatever the ranks. @pre count <= among.count()
Subset of_top_variance(const ColumnStatistics& statistics, const Subset& among, Index count);

/// The same by what `measure` says of a column of `among`, in their order.
Subset of_largest(std::span<const double> measure, const Subset& among, Index count);

}  // namespace mpinmf::io
