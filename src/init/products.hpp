// V X and V' Y, panel by panel.
#pragma once

#include <vector>

#include "mpinmf/data_matrix.hpp"

namespace mpinmf {

/// The two products of V with tall matrices of l columns that the truncated SVD is made of. Features are in the
/// order of V's panels (DataMatrix::column_order). In V's precision; sums over many rows are double.
template <class T>
class Products {
 public:
  /// Allocates; communicates not. Fewer threads add up V' Y where their n x l sums would outweigh V.
  /// @pre v outlives it
  Products(const DataMatrix<T>& v, Index columns, int threads);

  /// y = V x for the rows of this rank. Does not communicate.
  /// @pre x is n x l, y is rows_local x l and padded
  void multiply(ConstMatrixView<double> x, MatrixView<T> y);
  /// z = V' y, summed over the ranks. Collective.
  /// @pre y is rows_local x l and padded, z is n x l without padding
  void multiply_transposed(ConstMatrixView<T> y, MatrixView<double> z);

 private:
  void flush(int part, MatrixView<double> z);

  const DataMatrix<T>& v_;
  int threads_;
  Matrix<T> x_;                  // n x l, padded
  std::vector<Matrix<T>> sums_;  // n x l, padded; one for each thread that adds up V' Y
};

}  // namespace mpinmf
