// V X and V' Y, as walks over V.
#pragma once

#include <vector>

#include "data/walk.hpp"

namespace mpinmf {

/// The two products of V with tall matrices of l columns that the truncated SVD is made of. Features are in the
/// order of V's panels (DataMatrix::take_in). In V's precision; sums over many rows are double.
template <class T>
class Products {
 public:
  /// Allocates, does not communicate. Fewer threads add up V' Y where their n x l sums would outweigh V.
  /// @pre v outlives it
  Products(const DataMatrix<T>& v, Index columns, int threads);
  /// Bytes that this allocates for n features of a V whose entries take up so many.
  static double bytes(Index features, Index columns, int threads, double entry_bytes);

  /// y = V x for the rows of this rank. Does not communicate.
  /// @pre x is n x l, y is rows_local x l and padded
  void multiply(ConstMatrixView<double> x, MatrixView<T> y);
  /// z = V' y, summed over the ranks. Collective.
  /// @pre y is rows_local x l and padded, z is n x l without padding
  void multiply_transposed(ConstMatrixView<T> y, MatrixView<double> z);

 private:
  void flush(int part, MatrixView<double> z);

  Walk<T> rows_, sums_of_rows_;  // for V X and for V' Y
  Matrix<T> x_;                  // n x l, padded
  std::vector<Matrix<T>> sums_;  // n x l, padded; one for each thread that adds up V' Y
};

}  // namespace mpinmf
