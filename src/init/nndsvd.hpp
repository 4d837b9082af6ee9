// The first W and H from the truncated SVD of V.
#pragma once

#include "mpinmf/data_matrix.hpp"
#include "mpinmf/options.hpp"
#include "start_table.hpp"
#include "truncated_svd.hpp"

namespace mpinmf {

/// Throws UsageError when V has fewer than k singular values, on every rank alike.
void require_svd_start_fits(Index rows, Index columns, Index components);

/// Non-negative double SVD (C. Boutsidis and E. Gallopoulos, "SVD based initialization: a head start for
/// nonnegative matrix factorization", Pattern Recognition 41, 2008) with scikit-learn's details: entries below
/// 1e-6 (for nndsvd and nndsvdm: times sqrt(mean(V))) are 0; then zeros become mean(V) for nndsvda and mean(V)
/// |N(0,1)| / 100 for nndsvdar, a function of (seed, row or feature, component). These two depend on the unit of V
/// as scikit-learn's do, the others do not. For nndsvdm all entries are raised to a tenth of the mean of their
/// factor. Components beyond the rank of V are 0 before that. Collective. Throws what truncated_svd throws.
/// @pre facts_of(start).needs_svd
template <class T>
FactorPair<T> nndsvd(const DataMatrix<T>& v, const Start& start, const SvdSettings& settings);

/// The same from a decomposition that is there; its u is taken.
template <class T>
FactorPair<T> nndsvd_of(const DataMatrix<T>& v, const Start& start, const Seed& seed, TruncatedSvd<T> svd);

}  // namespace mpinmf
