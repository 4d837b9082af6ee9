#include "stability/consensus.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "mpinmf/error.hpp"
#include "stability/distances.hpp"
#include "stability/k_means.hpp"
#include "stability/medians.hpp"
#include "stability/silhouettes.hpp"

namespace mpinmf::stability {
namespace {

void check_settings(Index rows, Index k, const ConsensusSettings& settings) {
  if (k < 1 || k > rows) {
    throw UsageError(
        fmt::format("A consensus of {} components needs at least as many spectra; there are {}.", k, rows));
  }
  if (!(settings.neighborhood > 0 && settings.neighborhood <= 1)) {
    throw UsageError(
        fmt::format("The neighborhood of a spectrum is a share in (0, 1], not {}.", settings.neighborhood));
  }
  if (!(settings.density_threshold > 0)) {
    throw UsageError(fmt::format("The density threshold is above 0, not {}.", settings.density_threshold));
  }
  if (settings.starts < 1) {
    throw UsageError(fmt::format("k-means needs 1 start or more, not {}.", settings.starts));
  }
}

std::vector<double> local_densities(ConstMatrixView<double> distances, Index neighbors) {
  std::vector<double> densities, row;
  for (Index i = 0; i < distances.rows(); ++i) {
    row.assign(distances.row(i), distances.row(i) + distances.columns());
    const auto end = row.begin() + std::min(neighbors + 1, distances.columns());
    std::partial_sort(row.begin(), end, row.end());
    densities.push_back(std::accumulate(row.begin(), end, 0.0) / static_cast<double>(neighbors));
  }
  return densities;
}

Matrix<double> squares_between(ConstMatrixView<double> distances, const std::vector<Index>& rows) {
  const auto count = static_cast<Index>(rows.size());
  Matrix<double> squares(count, count);
  for (Index i = 0; i < count; ++i) {
    const double* row = distances.row(rows[static_cast<std::size_t>(i)]);
    for (Index j = 0; j < count; ++j) {
      const double distance = row[rows[static_cast<std::size_t>(j)]];
      squares(i, j) = distance * distance;
    }
  }
  return squares;
}

}  // namespace

Consensus consensus(ConstMatrixView<double> stacked, Index k, const ConsensusSettings& settings) {
  const Index rows = stacked.rows();
  check_settings(rows, k, settings);
  const Matrix<double> unit = unit_rows(stacked);
  Consensus result;
  result.distances = euclidean_distances(unit.view());
  const auto distances = std::as_const(result.distances).view();
  const auto neighbors = std::max(
      Index{1}, static_cast<Index>(settings.neighborhood * static_cast<double>(rows) / static_cast<double>(k)));
  result.local_density = local_densities(distances, neighbors);

  std::vector<Index> kept_rows;
  for (Index i = 0; i < rows; ++i) {
    const bool is_kept = result.local_density[static_cast<std::size_t>(i)] < settings.density_threshold;
    result.kept.push_back(is_kept ? 1 : 0);
    if (is_kept) kept_rows.push_back(i);
  }
  if (static_cast<Index>(kept_rows.size()) < k) {
    throw BadData(
        fmt::format("{} of {} spectra have a local density below the threshold of {}, fewer than {} "
                    "components: choose a higher threshold (2 keeps all) or another k.",
                    kept_rows.size(), rows, settings.density_threshold, k));
  }

  const Matrix<double> squares = squares_between(distances, kept_rows);
  const Clusters clusters = k_means(squares.view(), k, settings.starts, settings.seed);
  result.labels.assign(static_cast<std::size_t>(rows), -1);
  for (std::size_t i = 0; i < kept_rows.size(); ++i) {
    result.labels[static_cast<std::size_t>(kept_rows[i])] = clusters.labels[i];
  }
  result.silhouette = mean(silhouettes(distances, result.labels, k));
  const bool sums_to_one = settings.spectra == Spectra::of_sum_one;
  result.spectra = medians_of_clusters(sums_to_one ? unit.view() : stacked, result.labels, k);
  if (sums_to_one) make_sums_one(result.spectra.view());
  return result;
}

}  // namespace mpinmf::stability
