// The leading singular triplets of V.
#pragma once

#include <vector>

#include "mpinmf/data_matrix.hpp"
#include "mpinmf/options.hpp"

namespace mpinmf {

struct SvdSettings {
  Index components = 1;  ///< k
  Seed seed;             ///< of the test matrix
  int threads = 1;
  Index max_iterations = 100;  ///< each reads V twice
};

/// V ~ u diag(values) v', values descending. Triplets beyond the numerical rank of V, those with values_c <=
/// epsilon min(max(m, n), 8 sqrt(max(m, n))) values_0, are zero.
template <class T>
struct TruncatedSvd {
  Matrix<T> u;                 ///< rows_local x k, padded: this rank's rows
  std::vector<double> values;  ///< k
  Matrix<double> v;            ///< n x k, the same bits on every rank
  Index iterations = 0;
  bool converged = false;  ///< within max_iterations
};

/// Columns of the subspace that is iterated for k singular triplets of an m x n matrix: the more beyond k, the
/// fewer walks over V.
Index svd_columns(Index rows, Index columns, Index components);

/// Whose SVD it is, and on what.
struct SvdSizes {
  Index rows, columns;     ///< of all of V
  Index rows_local;        ///< the most of any rank
  double entry_bytes = 0;  ///< of these rows (DataMatrix::entry_bytes)
  int threads = 1;
};
/// About what k singular triplets allocate, the triplets included.
template <class T>
double truncated_svd_bytes(const SvdSizes& sizes, Index components);

/// Throws UsageError when V has fewer than k singular values, on every rank alike.
void require_singular_values(Index rows, Index columns, Index components);

/// Randomized subspace iteration (Halko, Martinsson and Tropp 2011, algorithms 4.4 and 5.1) in the precision of V,
/// until values change by less than 1e-10 of themselves (float: 1e-6) and the vectors are settled to 1e-9 (1e-5)
/// of values_0. The test matrix depends on (seed, feature, column) alone, signs are such that the largest entry of
/// each u_c is positive (the first of several as large), and vectors whose values are equal, to 1e-7 (1e-4) of
/// values_0, are a basis chosen by their span (settle_equal_values), so the result does not depend on the rank
/// count, up to rounding. Collective. Throws UsageError when k > min(m, n), BadData when the squares of V
/// overflow.
template <class T>
TruncatedSvd<T> truncated_svd(const DataMatrix<T>& v, const SvdSettings& settings);

}  // namespace mpinmf
