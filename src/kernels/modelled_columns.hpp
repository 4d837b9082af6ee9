// Blocks of columns of a panel beside the model x = W_p H, which is formed there.
#pragma once

#include <algorithm>
#include <cassert>

#include "blocks.hpp"
#include "panel.hpp"

namespace mpinmf {

/// Some columns of a panel with every entry stored: a view of it when dense, else a copy in `buffer`.
template <class T>
ConstMatrixView<T> dense_columns(const DensePanel<T>& v, Index first, Index count, Matrix<T>&) {
  return {v.values.data() + (first - v.first_column), v.rows(), count, v.values.stride()};
}
template <class T>
ConstMatrixView<T> dense_columns(const SparsePanel<T>& v, Index first, Index count, Matrix<T>& buffer) {
  const MatrixView<T> values = buffer.view().middle_rows(0, v.rows());
  for (Index i = 0; i < v.rows(); ++i) {
    std::fill_n(values.row(i), count, T(0));
    const ColumnIndex* end = v.indices + v.ends[i];
    const ColumnIndex* entry = std::lower_bound(v.indices + v.begins[i], end, first);
    for (; entry != end && *entry < first + count; ++entry)
      values(i, *entry - first) = v.values[entry - v.indices];
  }
  return {values.data(), v.rows(), count, values.stride()};
}

/// Some columns of V and of x = W_p H.
template <class T>
struct ModelColumns {
  Index first, count;
  ConstMatrixView<T> v;
  MatrixView<T> model;
};

/// Calls work(columns) for blocks of columns that cover the panel.
template <class T, class Panel, class F>
void for_model_columns(const Panel& v, const Factors<T>& factors, ModelScratch<T>& scratch, F&& work) {
  const Index end = v.first_column + v.columns(), components = factors.ht.columns();
  assert(factors.blocked.rows() > (end + model_columns - 1) / model_columns * components);
  Index count = 0;
  for (Index first = v.first_column; first < end; first += count) {
    const Index within = first % model_columns;
    count = std::min(model_columns - within, end - first);
    const T* h = factors.blocked.row(first / model_columns * components) + within;
    const MatrixView<T> model = scratch.model.view().middle_rows(0, v.rows());
    const Block<T> x{model.data(), v.rows(), count, model.stride()};
    vector_kernels<T>().multiply(read(factors.w), {h, components, count, factors.blocked.stride()}, x, false);
    work(ModelColumns<T>{first, count, dense_columns(v, first, count, scratch.values), model});
  }
}

}  // namespace mpinmf
