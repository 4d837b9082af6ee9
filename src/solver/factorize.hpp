// The factorization itself.
#pragma once

#include "chunks.hpp"
#include "mpinmf/data_matrix.hpp"
#include "mpinmf/fit_state.hpp"
#include "mpinmf/resolved_options.hpp"
#include "run_record.hpp"
#include "shared_h.hpp"
#include "sweep.hpp"

namespace mpinmf {

/// Moves w (rows_local x k, padded) and h from where they stand, or from where hooks.load puts them, until options
/// or hooks say stop. Collective. Throws BadData (on every rank) when a factor overflows.
template <class T>
RunRecord factorize(const DataMatrix<T>& v, const ResolvedOptions& options, MatrixView<T> w, SharedH<T>& h,
                    const FitHooks<T>& hooks);

/// The same with H's update cut in this way instead of chunks_for's, for tests.
template <class T>
RunRecord factorize_in_chunks(const DataMatrix<T>& v, const ResolvedOptions& options, MatrixView<T> w,
                              SharedH<T>& h, const Chunks& chunks, const FitHooks<T>& hooks = {});

/// The same by a sweep that has its rule, loss and V. @pre rule and loss are those of the options, but for tests
template <class T>
RunRecord factorize_by(Sweep<T>& sweep, const ResolvedOptions& options, MatrixView<T> w, SharedH<T>& h,
                       const Chunks& chunks, const FitHooks<T>& hooks = {});

}  // namespace mpinmf
