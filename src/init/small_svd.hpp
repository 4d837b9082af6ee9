// The singular value decomposition of a matrix that one rank holds, by LAPACK.
#pragma once

#include <vector>

#include "mpinmf/matrix.hpp"

namespace mpinmf {

/// z = x diag(values) rotation, values descending.
struct SmallSvd {
  SmallSvd() = default;
  SmallSvd(Index rows, Index columns)
      : x(rows, columns), values(static_cast<std::size_t>(columns)), rotation(columns, columns) {}
  /// Bytes that this allocates.
  static double bytes(Index rows, Index columns) { return plain_bytes<double>(rows + 1 + columns, columns); }

  Matrix<double> x;            ///< n x l, orthonormal columns
  std::vector<double> values;  ///< l
  Matrix<double> rotation;     ///< l x l, orthonormal
};

/// Does not communicate. Throws BadData when z is not finite, SystemError when LAPACK fails.
/// @pre z is n x l, l <= n, its content is lost; svd has its shape
void decompose(MatrixView<double> z, SmallSvd& svd);
/// About what it allocates meanwhile for l columns: DGESDD wants some 4 l^2 numbers, and more for its blocks.
inline double bytes_of_decomposing(Index columns) {
  return plain_bytes<double>(6 * columns, columns);
}

/// Vectors of values that lie together are any basis of their span, and rounding chooses it. This makes them the
/// basis that leans on rows of x: the first row that is as long as any, to rounding, is the first vector's alone,
/// and so on with what is left. Among the first `count` values neighbours that differ by at most `gap` are
/// together; where none of them is among the first `wanted`, they are left alone. z = x diag(values) rotation
/// holds as well as the values are equal.
void settle_equal_values(SmallSvd& svd, Index wanted, Index count, double gap);

}  // namespace mpinmf
