// A block of consecutive rows of V, dense or sparse: the unit of everything.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstdint>
#include <span>
#include <variant>

#include "mpinmf/matrix.hpp"

namespace mpinmf {

using ColumnIndex = std::int32_t;

/// Rows x columns numbers, row-major: the columns first_column, first_column + 1, ... of V. Does not own: good as
/// long as the DataMatrix (or whatever else) that it was made from.
template <class T>
struct DensePanel {
  ConstMatrixView<T> values;
  Index first_column = 0;

  Index rows() const { return values.rows(); }
  Index columns() const { return values.columns(); }
  Index stored() const { return rows() * columns(); }
};

/// Rows in compressed form. Row i has the entries begins[i] .. ends[i] - 1 of `indices` and `values`; they lie in
/// the columns first_column, first_column + 1, ... of V, ascending in a row. Does not own, as above.
template <class T>
struct SparsePanel {
  Index row_count, column_count;
  const Index *begins, *ends;  // row_count each
  const ColumnIndex* indices;
  const T* values;
  Index first_column = 0;

  Index rows() const { return row_count; }
  Index columns() const { return column_count; }
  Index stored() const {
    Index sum = 0;
    for (Index i = 0; i < row_count; ++i) sum += ends[i] - begins[i];
    return sum;
  }
};

/// Either. Only src/kernels asks which.
template <class T>
class RowPanel {
 public:
  RowPanel(const DensePanel<T>& panel) : panel_(panel) {}
  RowPanel(const SparsePanel<T>& panel) : panel_(panel) {}

  Index rows() const {
    return visit([](const auto& p) { return p.rows(); });
  }
  Index columns() const {
    return visit([](const auto& p) { return p.columns(); });
  }
  /// Number of stored entries (dense: all).
  Index stored() const {
    return visit([](const auto& p) { return p.stored(); });
  }
  /// Calls f(column, value) for the stored entries of row i.
  template <class F>
  void for_stored(Index i, F&& f) const {
    if (const auto* dense = std::get_if<DensePanel<T>>(&panel_)) {
      for (Index j = 0; j < dense->columns(); ++j) f(dense->first_column + j, dense->values(i, j));
      return;
    }
    const auto& sparse = std::get<SparsePanel<T>>(panel_);
    for (Index q = sparse.begins[i]; q < sparse.ends[i]; ++q) f(Index{sparse.indices[q]}, sparse.values[q]);
  }
  /// The same rows with some of their columns only. Sparse rows need room for two places a row in `places`, which
  /// must last as long as the result.
  RowPanel some_columns(Index first, Index count, std::span<Index> places) const {
    if (const auto* dense = std::get_if<DensePanel<T>>(&panel_)) {
      const T* data = dense->values.data() + (first - dense->first_column);
      return DensePanel<T>{{data, dense->rows(), count, dense->values.stride()}, first};
    }
    const auto& sparse = std::get<SparsePanel<T>>(panel_);
    const std::span<Index> begins = places.first(places.size() / 2), ends = places.last(places.size() / 2);
    for (std::size_t i = 0; i < static_cast<std::size_t>(sparse.row_count); ++i) {
      const ColumnIndex* last = sparse.indices + sparse.ends[i];
      const ColumnIndex* begin = std::lower_bound(sparse.indices + sparse.begins[i], last, first);
      begins[i] = begin - sparse.indices;
      ends[i] = std::lower_bound(begin, last, first + count) - sparse.indices;
    }
    return SparsePanel<T>{sparse.row_count, count,         begins.data(), ends.data(),
                          sparse.indices,   sparse.values, first};
  }
  template <class F>
  decltype(auto) visit(F&& f) const {
    return std::visit(f, panel_);
  }

 private:
  std::variant<DensePanel<T>, SparsePanel<T>> panel_;
};

}  // namespace mpinmf
