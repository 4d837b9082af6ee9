// The small k x k and length-k sums of a factor, always in double.
#pragma once

#include <span>

#include "mpinmf/matrix.hpp"

namespace mpinmf {

/// Numbers of scratch that add_gram and add_cross_gram need for k columns: the product with padded rows, and room
/// for a block of each factor in double.
template <class T>
constexpr Index gram_scratch(Index columns) {
  constexpr Index block_rows = 64;
  return padded_to_vector<double>(columns) * (columns + (sizeof(T) == sizeof(double) ? 0 : 2 * block_rows));
}

/// gram += X' X. @pre x is r x k and padded, gram is k x k, scratch.size() >= gram_scratch<T>(k)
template <class T>
void add_gram(ConstMatrixView<T> x, MatrixView<double> gram, std::span<double> scratch);

/// gram += X' Y. @pre x and y are r x k and padded; the rest as in add_gram
template <class T>
void add_cross_gram(ConstMatrixView<T> x, ConstMatrixView<T> y, MatrixView<double> gram,
                    std::span<double> scratch);

/// sums_c += sum over rows of x_c. @pre sums.size() == x.columns()
template <class T>
void add_column_sums(ConstMatrixView<T> x, std::span<double> sums);

}  // namespace mpinmf
