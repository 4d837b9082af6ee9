// H as callers know it, and H as the panels of a V with an order of columns of its own need it.
#pragma once

#include <algorithm>
#include <span>

#include "mpinmf/row_panel.hpp"

namespace mpinmf {

/// to_j = from_order[j]: rows of H transposed, from V's order to that of its panels. Copies when there is no
/// order.
/// @pre from and to do not overlap
template <class T>
void to_panel_order(std::span<const ColumnIndex> order, ConstMatrixView<T> from, MatrixView<T> to) {
  for (Index j = 0; j < to.rows(); ++j) {
    const Index source = order.empty() ? j : order[static_cast<std::size_t>(j)];
    std::copy_n(from.row(source), to.columns(), to.row(j));
  }
}

/// to_order[j] = from_j: the way back.
template <class T>
void from_panel_order(std::span<const ColumnIndex> order, ConstMatrixView<T> from, MatrixView<T> to) {
  for (Index j = 0; j < from.rows(); ++j) {
    const Index target = order.empty() ? j : order[static_cast<std::size_t>(j)];
    std::copy_n(from.row(j), to.columns(), to.row(target));
  }
}

}  // namespace mpinmf
