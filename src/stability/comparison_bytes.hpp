// The memory that comparing fits takes.
#pragma once

#include "mpinmf/matrix.hpp"

namespace mpinmf::stability {

/// Bytes of the largest arrays at a time while R fits of k components to m x n numbers are compared by
/// matched_clusters, connectivity and consensus, one after the other: their spectra (R k x n), which each has once
/// more at unit length, with one or two matrices (R k)^2, or four of the rows that are compared.
double comparison_bytes(Index fits, Index components, Index rows, Index columns);

}  // namespace mpinmf::stability
