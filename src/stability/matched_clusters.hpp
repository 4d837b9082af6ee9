// Clusters of the components of many fits, one of each fit in each, as NMFk has them (Alexandrov et al. 2013;
// pyDNMFk, T-ELF).
#pragma once

#include <vector>

#include "mpinmf/matrix.hpp"

namespace mpinmf::stability {

struct MatchedClusters {
  std::vector<std::vector<Index>>
      component_of;                   ///< [fit][cluster]: the component of the fit that is in the cluster
  Matrix<double> medians;             ///< k x n: medians of the unit rows of each cluster, over their sums
  std::vector<double> silhouette_of;  ///< of each cluster: mean silhouette, by the distance 1 - cosine
  double min_silhouette = 1, mean_silhouette = 1;  ///< over the clusters
};

/// Each fit is matched one to one with the clusters' medians, so that the sum of cosines is largest, and medians
/// are taken again, until no match changes. Begins with the fit that matches all others best. Matchings are
/// optimal ones, where NMFk and pyDNMFk take the largest cosine that is left, again and again. k = 1: silhouettes
/// are 1, as in pyDNMFk. Memory: twice (R k)² numbers and R k x n.
/// @param stacked (R k) x n: the k spectra of R fits, one below another. Throws UsageError for no fits or k < 1,
/// and ShapeMismatch where k does not divide the rows.
MatchedClusters matched_clusters(ConstMatrixView<double> stacked, Index k);

}  // namespace mpinmf::stability
