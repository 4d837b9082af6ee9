// The first W and H.
#pragma once

#include "mpinmf/matrix.hpp"
#include "mpinmf/options.hpp"

namespace mpinmf {

/// Fills the rows of W that a rank owns. Depends on the global row and the component only, never on how rows are
/// cut; in float the numbers are those of double, rounded. Padding between columns and stride is not touched.
/// `scale` multiplies the law `random` alone: sqrt(mean(V) / k). Throws UsageError for starts without a law:
/// Start::given and those made from V.
/// @pre w is rows_local x k: rows first_row .. first_row + rows_local - 1 of the m x k factor
template <class T>
void fill_w(const Start& start, const Seed& seed, double scale, Index first_row, MatrixView<T> w);

/// Fills H, transposed. The law `numpy` draws W first: rows_global = m says how much to pass over.
/// @pre ht is n x k, the whole of it
template <class T>
void fill_ht(const Start& start, const Seed& seed, double scale, Index rows_global, MatrixView<T> ht);

}  // namespace mpinmf
