// Matrices as kernels take them.
#pragma once

#include "mpinmf/row_panel.hpp"
#include "vector_kernels.hpp"

namespace mpinmf {

template <class T>
Block<T> block(MatrixView<T> x) {
  return {x.data(), x.rows(), x.columns(), x.stride()};
}
/// To read from.
template <class T>
Block<const T> read(ConstMatrixView<T> x) {
  return {x.data(), x.rows(), x.columns(), x.stride()};
}

/// The stored entries of all rows.
template <class T>
SparseRows<T> rows_of(const SparsePanel<T>& v) {
  return {v.rows(), v.begins, v.ends, v.indices, v.values, v.weights};
}

}  // namespace mpinmf
