// The small k x k and length-k sums of a factor, always in double.
#pragma once

#include <span>

#include "mpinmf/matrix.hpp"

namespace mpinmf {

/// Numbers of scratch that add_gram needs for k columns: single precision passes through double in small blocks.
template <class T>
constexpr Index gram_scratch(Index columns) {
  constexpr Index block_rows = 64;
  return sizeof(T) == sizeof(double) ? 0 : block_rows * columns;
}

/// gram += X' X. @pre x is r x k, gram is k x k, scratch.size() >= gram_scratch<T>(k)
template <class T>
void add_gram(ConstMatrixView<T> x, MatrixView<double> gram, std::span<double> scratch);

/// sums_c += sum over rows of x_c. @pre sums.size() == x.columns()
template <class T>
void add_column_sums(ConstMatrixView<T> x, std::span<double> sums);

}  // namespace mpinmf
