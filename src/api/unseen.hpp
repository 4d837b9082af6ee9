// Rows and columns of V of which nothing is known.
#pragma once

#include <vector>

#include "mpinmf/data_matrix.hpp"

namespace mpinmf {

/// Their rows of W, and of H transposed, say nothing of V: they start at 0, and stay there (filled_rows.hpp).
struct Unseen {
  std::vector<Index> rows;     ///< of this rank, from 0
  std::vector<Index> columns;  ///< of V
};

/// Collective; throws what reading V throws, on every rank.
template <class T>
Unseen unseen_parts(const DataMatrix<T>& v);

/// Sets such rows of x to 0.
template <class T>
void clear_rows(const std::vector<Index>& rows, MatrixView<T> x);

}  // namespace mpinmf
