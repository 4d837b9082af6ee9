// W for new rows while H stays.
#pragma once

#include "losses/panel_loss.hpp"
#include "mpinmf/data_matrix.hpp"
#include "mpinmf/resolved_options.hpp"
#include "mpinmf/trace.hpp"

namespace mpinmf {

/// The best w (rows_local x k, padded) for a fixed h, which is in the order of v's panels, in the Frobenius loss:
/// by block pivoting, in one pass over V, without communication.
template <class T>
TransformRecord solve_w_exactly(const DataMatrix<T>& v, const ResolvedOptions& options, const FixedH<T>& h,
                                ConstMatrixView<double> gram, MatrixView<T> w);

/// The same in all other losses (over what is known of V alone: in Frobenius, too), for H transposed (n x k,
/// padded) in V's own order: row by row, by Newton steps (solver/row_newton.hpp), from w where `has_start`. A row
/// depends on nothing but its entries, H and its start. The record counts the rows of this rank that did not come
/// to their end.
template <class T>
TransformRecord solve_w_by_rows(const DataMatrix<T>& v, const ResolvedOptions& options, ConstMatrixView<T> ht,
                                bool has_start, MatrixView<T> w);
/// Bytes that this allocates for a beta-divergence.
template <class T>
double bytes_of_solving_by_rows(const Loss& loss, bool has_gaps, const PanelSizes& sizes, Index components,
                                int threads);

}  // namespace mpinmf
