// What the fits of one k from many starts have in common, as cNMF has it (Kotliar et al. 2019, version 1.7.1).
#pragma once

#include <cstdint>
#include <vector>

#include "mpinmf/matrix.hpp"

namespace mpinmf::stability {

/// A threshold above all local densities: of non-negative rows they are at most the square root of 2.
inline constexpr double no_threshold = 2;

/// What becomes of the rows of a cluster.
enum class Spectra {
  of_sum_one,  ///< medians of the unit rows, over their sums: the other factor takes any scale
  as_fitted,   ///< medians of the rows themselves, for another factor that is bound to a scale
};

struct ConsensusSettings {
  double density_threshold = 0.5;  ///< rows whose local density is this or more are left out; 2 keeps all
  double neighborhood = 0.30;      ///< share of a cluster's rows that count as near, in (0, 1]
  Index starts = 10;               ///< of k-means
  std::uint64_t seed = 1;          ///< of k-means
  Spectra spectra = Spectra::of_sum_one;
};

struct Consensus {
  /// Of each stacked row: the sum of the N + 1 smallest distances to rows, its own 0 among them, over N =
  /// int(neighborhood rows / k), at least 1. Large where the surroundings are sparse.
  std::vector<double> local_density;
  std::vector<std::uint8_t> kept;  ///< 1: local_density < density_threshold
  std::vector<Index> labels;       ///< the cluster of each row, 0 .. k - 1 by their first rows; -1: not kept
  Matrix<double> spectra;          ///< k x n: medians of the rows of each cluster, of that scale
  double silhouette = 0;           ///< mean of the kept rows', by Euclidean distances of unit rows; 1 for k = 1
  Matrix<double> distances;        ///< rows x rows: Euclidean, between unit rows
};

/// Unit rows, local densities, k-means of what is kept, medians. Memory: two matrices of rows x rows and one of
/// rows x n. A row of medians that is 0 everywhere stays 0.
/// @param stacked (R k) x n: the k spectra of R fits, one below another
/// Throws UsageError for settings or a k out of range, BadData where less than k rows are kept.
Consensus consensus(ConstMatrixView<double> stacked, Index k, const ConsensusSettings& settings);

}  // namespace mpinmf::stability
