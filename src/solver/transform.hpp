// W for new rows while H stays.
#pragma once

#include "mpinmf/data_matrix.hpp"
#include "mpinmf/options.hpp"
#include "shared_h.hpp"

namespace mpinmf {

/// Moves w (rows_local x k, padded) with h fixed. Rows are independent, so each panel iterates by itself while it
/// is in cache, until the stopping rule holds for its own error: one pass over V, no communication, the same
/// result for any number of ranks. Returns the largest number of iterations that a panel of this rank took.
template <class T>
Index solve_w(const DataMatrix<T>& v, const Options& options, const FixedH<T>& h, MatrixView<T> w);

}  // namespace mpinmf
