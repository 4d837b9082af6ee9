// Rows of a sparse matrix in compressed form.
#pragma once

#include <span>
#include <vector>

#include "mpinmf/row_panel.hpp"

namespace mpinmf {

/// Some consecutive rows of a sparse matrix in compressed form.
template <class T>
struct CsrRows {
  Index columns = 0;                 ///< of the whole matrix; at most 2^31 - 1
  std::vector<Index> offsets = {0};  ///< rows + 1, from 0; what the two others hold behind the last is left out
  std::vector<ColumnIndex> indices;  ///< ascending in a row, from 0
  std::vector<T> values;
  /// How much each entry counts, beside its value, for losses with Missing::zeros; positive. Empty: all alike.
  std::vector<T> weights = {};

  Index rows() const { return static_cast<Index>(offsets.size()) - 1; }
};

/// The same rows, somewhere in a program's memory. Does not own.
template <class T>
struct CsrView {
  Index columns = 0;
  std::span<const Index> offsets;
  std::span<const ColumnIndex> indices;
  std::span<const T> values;
  std::span<const T> weights = {};

  Index rows() const { return static_cast<Index>(offsets.size()) - 1; }
};

}  // namespace mpinmf
