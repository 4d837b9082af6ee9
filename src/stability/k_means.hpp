// Clusters of rows of which nothing but the distances are known.
#pragma once

#include <cstdint>
#include <vector>

#include "mpinmf/matrix.hpp"

namespace mpinmf::stability {

struct Clusters {
  std::vector<Index> labels;  ///< 0 .. k - 1 of each row: numbered by their first rows, none empty
  double inertia = 0;         ///< sum of squared distances to the means of the clusters
};

/// k-means (Lloyd 1982) from `starts` starts by greedy k-means++ (Arthur and Vassilvitskii 2007; of 2 + ln k draws
/// the best, as in scikit-learn): the one of least inertia. A row moves where another mean is strictly nearer;
/// ends when none moves, after most_rounds at the latest. A cluster that becomes empty takes the row that is
/// farthest from its mean, as in scikit-learn. A function of its arguments alone. r² numbers are read a round,
/// whatever the length of rows.
/// @pre squared_distances is r x r, Euclidean and squared, 1 <= k <= r, starts >= 1
Clusters k_means(ConstMatrixView<double> squared_distances, Index k, Index starts, std::uint64_t seed);

}  // namespace mpinmf::stability
