// One pass over every entry of V, which checks each and sums up all of them.
#pragma once

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "mpinmf/data_matrix.hpp"

namespace mpinmf {

/// What one rank can say of its rows; summed up over ranks into a DataSummary.
struct LocalSummary {
  double sum = 0, sum_squares = 0, weight = 0;
  double minimum = std::numeric_limits<double>::infinity();
  double maximum = -std::numeric_limits<double>::infinity();
  Index nonzeros = 0, stored = 0, flushed = 0, unknown = 0;
  Index first_zero_row = -1, first_zero_column = -1;
  std::vector<double> row_squares;  ///< the sum of squares of each row

  void see_zero(Index row, Index column) {
    if (first_zero_row >= 0) return;
    first_zero_row = row;
    first_zero_column = column;
  }
  void see_unknown() {
    ++stored;
    ++unknown;
  }
  void see(double value, Index row, Index column) {
    minimum = std::min(minimum, value);
    maximum = std::max(maximum, value);
    ++stored;
    if (value != 0) {
      ++nonzeros;
    } else {
      see_zero(row, column);
    }
  }
};

/// How messages name rows, and what may be in them.
struct RowNames {
  const std::string& matrix;
  Index first;     ///< the number of the first row
  bool takes_nan;  ///< as an entry that is unknown
};

/// Sees all rows. `own`: the numbers that v views, to write to; null where they belong to the caller. A sweep
/// reads denormal numbers as 0 (kernels/denormals.hpp). Our own become 0 here, so that what is checked and summed
/// up is what is factorized; a caller's are refused. Throws BadData at the first bad entry.
template <class T>
void see_rows(ConstMatrixView<T> v, T* own, const RowNames& names, LocalSummary& all);
template <class T>
void see_rows(const CsrView<T>& v, T* own, const RowNames& names, LocalSummary& all);
/// The same for rows that nobody writes to. @pre they do not lie in blocks, and their entries follow each other
template <class T>
void see_panel(const RowPanel<T>& panel, const RowNames& names, LocalSummary& all);

}  // namespace mpinmf
