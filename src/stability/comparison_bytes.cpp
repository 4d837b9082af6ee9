#include "comparison_bytes.hpp"

#include <algorithm>

#include "connectivity.hpp"

namespace mpinmf::stability {

double comparison_bytes(Index fits, Index components, Index rows, Index columns) {
  const double stacked = static_cast<double>(fits) * static_cast<double>(components);
  const double spectra = stacked * static_cast<double>(columns);
  // over and under their sums, of both kinds of clusters
  const double medians = 4 * static_cast<double>(components) * static_cast<double>(columns);
  const auto compared = static_cast<double>(std::min(rows, most_compared_rows));
  const double of_clusters = spectra + 2 * stacked * stacked, of_connectivity = 4 * compared * compared;
  return sizeof(double) * (spectra + medians + std::max(of_clusters, of_connectivity));
}

}  // namespace mpinmf::stability
