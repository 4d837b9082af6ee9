// Matrices as kernels take them.
#pragma once

#include "mpinmf/matrix.hpp"
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

}  // namespace mpinmf
