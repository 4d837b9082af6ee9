// Components of a model that explain nothing.
#pragma once

#include "mpinmf/data_matrix.hpp"

namespace mpinmf {

/// How many components add nothing to W H: nowhere more than 1e-30 of the mean entry of V, which in double and
/// beside any other component is 0. That holds where a column of W or a row of H is all zero, or held at the floor
/// of multiplicative updates, in any units of V. All of them: W H is 0. Collective; the same on every rank.
/// @pre w is rows_local x k, ht is n x k and the same on every rank
template <class T>
Index dead_components(const DataMatrix<T>& v, ConstMatrixView<T> w, ConstMatrixView<T> ht);

}  // namespace mpinmf
