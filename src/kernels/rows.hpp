// Plain loops over the rows of matrices.
#pragma once

#include <algorithm>

#include "mpinmf/matrix.hpp"

namespace mpinmf {

/// to <- from, r x c both; strides may differ.
template <class T>
void copy_rows(ConstMatrixView<T> from, MatrixView<T> to) {
  for (Index i = 0; i < from.rows(); ++i) std::copy_n(from.row(i), from.columns(), to.row(i));
}

/// to <- from', r x c and c x r.
template <class T>
void transpose_rows(ConstMatrixView<T> from, MatrixView<T> to) {
  for (Index i = 0; i < from.rows(); ++i) {
    for (Index j = 0; j < from.columns(); ++j) to(j, i) = from(i, j);
  }
}

/// to <- from, rounded to working precision.
template <class T>
void round_to(ConstMatrixView<double> from, MatrixView<T> to) {
  for (Index i = 0; i < from.rows(); ++i) {
    std::transform(from.row(i), from.row(i) + from.columns(), to.row(i),
                   [](double x) { return static_cast<T>(x); });
  }
}

}  // namespace mpinmf
