// Rows of unit length, and how far they are from each other.
#pragma once

#include "mpinmf/matrix.hpp"

namespace mpinmf::stability {

/// Rows over their Euclidean norms, r x n. A row that is 0 stays 0.
Matrix<double> unit_rows(ConstMatrixView<double> rows);

/// Euclidean distances between rows of norm 1 or 0, r x r: d_ij² = |x_i|² + |x_j|² - 2 x_i x_j', one product of
/// BLAS. Where that cancels, the differences are summed, so that distances are right to some 1e-12.
Matrix<double> euclidean_distances(ConstMatrixView<double> unit);

}  // namespace mpinmf::stability
