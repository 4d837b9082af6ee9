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

  Matrix<double> x;            ///< n x l, orthonormal columns
  std::vector<double> values;  ///< l
  Matrix<double> rotation;     ///< l x l, orthonormal
};

/// Does not communicate. Throws BadData when z is not finite, SystemError when LAPACK fails.
/// @pre z is n x l, l <= n, its content is lost; svd has its shape
void decompose(MatrixView<double> z, SmallSvd& svd);

}  // namespace mpinmf
