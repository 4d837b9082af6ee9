// What factors and V are checked for before a fit or a transform.
#pragma once

#include "mpinmf/data_matrix.hpp"
#include "mpinmf/matrix.hpp"
#include "mpinmf/options.hpp"

namespace mpinmf {

/// Throws BadData where an entry is negative or not finite; `first_row` is the number of x's first row in the
/// message. Does not communicate.
template <class T>
void require_valid_factor(ConstMatrixView<T> x, const char* name, Index first_row);

/// Throws ShapeMismatch. Does not communicate.
void require_shape(const char* name, Index rows, Index columns, Index wanted_rows, Index wanted_columns);

/// Whether the loss is finite for this V, whatever W H > 0 is.
template <class T>
bool is_finite_for(const DataMatrix<T>& v, const Loss& loss);

/// Throws BadData, on every rank alike, where V has unknown entries and the loss does not fill them in.
template <class T>
void require_unknown_allowed(const DataMatrix<T>& v, const Loss& loss);

/// The same also where the loss is infinite for this V or may leave the range of T.
template <class T>
void require_loss_allows(const DataMatrix<T>& v, const Loss& loss);

}  // namespace mpinmf
