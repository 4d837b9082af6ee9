// Components of a factor that are known, and stay (Nmf::fix_h, Nmf::fix_w).
#pragma once

#include <vector>

#include "mpinmf/matrix.hpp"

namespace mpinmf {

template <class T>
struct KnownComponents {
  std::vector<Index> components;  ///< from 0, ascending
  Matrix<T> columns;  ///< theirs, of the tall factor (this rank's rows of W, or H transposed): rows x |C|
};

/// Column i of `columns` is that of components[i]. Throws UsageError for one that is below 0 or named twice,
/// ShapeMismatch for another number of columns, BadData for entries that no factor has; `name` is for messages.
template <class T>
KnownComponents<T> known_components(const std::vector<Index>& components, ConstMatrixView<T> columns,
                                    const char* name);

/// Throws ShapeMismatch, UsageError unless x (rows x k) has such rows and components.
template <class T>
void require_known_fits(const KnownComponents<T>& known, const char* name, ConstMatrixView<T> x);

/// x(:, c) is what is known of c.
template <class T>
void put_known(const KnownComponents<T>& known, MatrixView<T> x);

}  // namespace mpinmf
