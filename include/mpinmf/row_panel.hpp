// A block of consecutive rows of V, dense or sparse: the unit of everything.
#pragma once

#include <cassert>
#include <cstdint>
#include <span>
#include <variant>

#include "mpinmf/matrix.hpp"

namespace mpinmf {

using ColumnIndex = std::int32_t;

/// Rows x columns numbers, row-major.
template <class T>
struct DensePanel {
  ConstMatrixView<T> values;

  Index rows() const { return values.rows(); }
  Index columns() const { return values.columns(); }
  Index stored() const { return rows() * columns(); }
  DensePanel with_values(std::span<const T> other) const {
    assert(static_cast<Index>(other.size()) >= stored());
    return {{other.data(), rows(), columns(), columns()}};
  }
};

/// Rows in compressed form. Row i has the entries offsets[i] - offsets[0] .. offsets[i+1] - offsets[0] - 1 of
/// `indices` and `values`; columns ascend in a row.
template <class T>
struct SparsePanel {
  Index row_count, column_count;
  const Index* offsets;  // row_count + 1
  const ColumnIndex* indices;
  const T* values;

  Index rows() const { return row_count; }
  Index columns() const { return column_count; }
  Index stored() const { return offsets[row_count] - offsets[0]; }
  Index begin(Index i) const { return offsets[i] - offsets[0]; }
  Index end(Index i) const { return offsets[i + 1] - offsets[0]; }
  SparsePanel with_values(std::span<const T> other) const {
    assert(static_cast<Index>(other.size()) >= stored());
    return {row_count, column_count, offsets, indices, other.data()};
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
  /// The stored values, row by row. @pre a dense panel is contiguous, as those of a DataMatrix are
  std::span<const T> values() const {
    if (const auto* dense = std::get_if<DensePanel<T>>(&panel_)) {
      assert(dense->values.stride() == dense->columns());
      return {dense->values.data(), static_cast<std::size_t>(dense->stored())};
    }
    const auto& sparse = std::get<SparsePanel<T>>(panel_);
    return {sparse.values, static_cast<std::size_t>(sparse.stored())};
  }
  /// The same pattern with other values. @pre values.size() >= stored()
  RowPanel with_values(std::span<const T> values) const {
    return visit([&](const auto& p) { return RowPanel(p.with_values(values)); });
  }
  template <class F>
  decltype(auto) visit(F&& f) const {
    return std::visit(f, panel_);
  }

 private:
  std::variant<DensePanel<T>, SparsePanel<T>> panel_;
};

}  // namespace mpinmf
