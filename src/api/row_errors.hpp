// How well a pair (W, H) meets each of some rows of V.
#pragma once

#include <span>
#include <vector>

#include "mpinmf/data_matrix.hpp"

namespace mpinmf {

/// ||v_i - w_i H|| / ||v_i|| over what is known of these rows of V, as weights of rows or columns have it, from
/// nonzeros and k x k products: below 1e-7 it may be round-off where V is sparse. NaN for a row of zeros. @pre w
/// is rows_local x k, ht n x k in V's own order of columns and the same on every rank. Collective; the same on
/// every rank.
template <class T>
std::vector<double> row_errors(const DataMatrix<T>& v, ConstMatrixView<T> w, ConstMatrixView<T> ht,
                               std::span<const Index> rows, Missing missing);

}  // namespace mpinmf
