// What the losses ask of one panel of V, dense or sparse. The only place that knows the difference.
#pragma once

#include <span>

#include "mpinmf/row_panel.hpp"

namespace mpinmf {

/// out = V_p H'. @pre v is p x n, ht is n x k and padded, out is p x k and padded
template <class T>
void cross(const RowPanel<T>& v, ConstMatrixView<T> ht, MatrixView<T> out);

/// s += V_p' W_p. @pre v is p x n, w is p x k and padded, s is n x k and padded
template <class T>
void accumulate(const RowPanel<T>& v, ConstMatrixView<T> w, MatrixView<T> s);

/// out[q] = (W_p H)_ij for the q-th stored entry (i, j) of v. @pre out.size() >= v.stored()
template <class T>
void model_at_stored(const RowPanel<T>& v, ConstMatrixView<T> w, ConstMatrixView<T> ht, std::span<T> out);

/// The panel with every entry stored: v itself when dense, else a copy in `buffer`.
/// @pre buffer.size() >= v.rows() * v.columns() when v is sparse
template <class T>
DensePanel<T> densify(const RowPanel<T>& v, std::span<T> buffer);

/// ||v_i - w_i H||^2 of one row, entry by entry. @pre scratch.size() >= v.columns()
template <class T>
double residual_square(const RowPanel<T>& v, Index i, ConstMatrixView<T> w, ConstMatrixView<T> ht,
                       std::span<T> scratch);

}  // namespace mpinmf
