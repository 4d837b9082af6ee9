// W for new rows while H stays.
#pragma once

#include "mpinmf/data_matrix.hpp"
#include "mpinmf/options.hpp"
#include "mpinmf/trace.hpp"
#include "shared_h.hpp"

namespace mpinmf {

/// Moves w (rows_local x k, padded) with h fixed: exactly for Frobenius, else as follows. Rows are independent, so
/// each panel iterates by itself while it is in cache, until the tolerance holds for its own error or the
/// iterations are spent: one pass over V, no communication. Returns how it went on this rank.
template <class T>
TransformRecord solve_w(const DataMatrix<T>& v, const Options& options, const FixedH<T>& h,
                        ConstMatrixView<double> gram, MatrixView<T> w);

}  // namespace mpinmf
