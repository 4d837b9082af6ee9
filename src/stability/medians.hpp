// The middle of each cluster.
#pragma once

#include <span>

#include "mpinmf/matrix.hpp"

namespace mpinmf::stability {

/// Column by column the medians of each cluster's rows, k x n: of an even number the mean of the two in the
/// middle. 0 for a cluster without rows. @pre labels has an entry from -1 (none) to k - 1 for each row
Matrix<double> medians_of_clusters(ConstMatrixView<double> rows, std::span<const Index> labels, Index k);

/// Each row over its sum. One that is 0 stays 0.
void make_sums_one(MatrixView<double> rows);

}  // namespace mpinmf::stability
