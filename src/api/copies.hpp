// Factors are copied, as they are or transposed.
#pragma once

#include <algorithm>

#include "mpinmf/matrix.hpp"

namespace mpinmf {

/// to = from. @pre the same shape
template <class T>
void copy_into(ConstMatrixView<T> from, MatrixView<T> to) {
  for (Index i = 0; i < from.rows(); ++i) std::copy_n(from.row(i), from.columns(), to.row(i));
}

/// to = from', from and to of transposed shapes.
template <class T>
void transpose_into(ConstMatrixView<T> from, MatrixView<T> to) {
  for (Index i = 0; i < from.rows(); ++i) {
    for (Index j = 0; j < from.columns(); ++j) to(j, i) = from(i, j);
  }
}

}  // namespace mpinmf
