#include "stability/matched_clusters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "kernels/blas.hpp"
#include "mpinmf/error.hpp"
#include "stability/distances.hpp"
#include "stability/medians.hpp"
#include "stability/silhouettes.hpp"
#include "topics/matching.hpp"

namespace mpinmf::stability {
namespace {

using Match = std::vector<Index>;  // of each cluster, or component of another fit

constexpr Index most_matchings = 100;  // of all fits; some 3 are used

/// The fit with the largest sum of matched cosines to all fits. @pre cosines is (R k) x (R k)
Index most_central_fit(ConstMatrixView<double> cosines, Index k) {
  const Index fits = cosines.rows() / k;
  std::vector<double> closeness(static_cast<std::size_t>(fits));
  for (Index a = 0; a < fits; ++a) {
    for (Index b = a + 1; b < fits; ++b) {
      const ConstMatrixView<double> between(cosines.row(a * k) + b * k, k, k, cosines.stride());
      const Match match = topics::best_matching(between);
      double sum = 0;
      for (Index c = 0; c < k; ++c) sum += between(c, match[static_cast<std::size_t>(c)]);
      closeness[static_cast<std::size_t>(a)] += sum;
      closeness[static_cast<std::size_t>(b)] += sum;
    }
  }
  return std::max_element(closeness.begin(), closeness.end()) - closeness.begin();
}

/// The cluster of each of the R k rows.
std::vector<Index> labels_of(const std::vector<Match>& matches, Index k) {
  std::vector<Index> labels(matches.size() * static_cast<std::size_t>(k));
  for (std::size_t fit = 0; fit < matches.size(); ++fit) {
    for (Index c = 0; c < k; ++c) {
      labels[fit * static_cast<std::size_t>(k) +
             static_cast<std::size_t>(matches[fit][static_cast<std::size_t>(c)])] = c;
    }
  }
  return labels;
}

std::vector<Match> match_all(ConstMatrixView<double> centers, ConstMatrixView<double> units) {
  const Index k = centers.rows();
  const Matrix<double> unit_centers = unit_rows(centers);
  Matrix<double> cosines(k, units.rows());
  multiply_by_transposed(unit_centers.view(), units, cosines.view());
  std::vector<Match> matches;
  for (Index first = 0; first < units.rows(); first += k) {
    matches.push_back(topics::best_matching({cosines.data() + first, k, k, cosines.stride()}));
  }
  return matches;
}

void add_silhouettes(MatchedClusters& result, Matrix<double> cosines, Index k) {
  for (Index i = 0; i < cosines.rows(); ++i) {
    for (Index j = 0; j < cosines.rows(); ++j) cosines(i, j) = i == j ? 0 : std::max(0.0, 1 - cosines(i, j));
  }
  const std::vector<Index> labels = labels_of(result.component_of, k);
  const std::vector<double> of_rows = silhouettes(std::as_const(cosines).view(), labels, k);
  std::vector<double> sums(static_cast<std::size_t>(k));
  for (std::size_t i = 0; i < labels.size(); ++i) sums[static_cast<std::size_t>(labels[i])] += of_rows[i];
  for (const double sum : sums) {
    result.silhouette_of.push_back(sum / static_cast<double>(result.component_of.size()));
  }
  result.min_silhouette = *std::min_element(result.silhouette_of.begin(), result.silhouette_of.end());
  result.mean_silhouette = mean(result.silhouette_of);
}

}  // namespace

MatchedClusters matched_clusters(ConstMatrixView<double> stacked, Index k) {
  if (k < 1 || stacked.rows() < 1)
    throw UsageError("Clusters of matched components need a fit or more, and a component or more.");
  if (stacked.rows() % k != 0) {
    throw ShapeMismatch(
        fmt::format("{} spectra are not those of some fits of {} components each.", stacked.rows(), k));
  }
  const Matrix<double> unit = unit_rows(stacked);
  const auto units = unit.view();
  Matrix<double> cosines(units.rows(), units.rows());
  multiply_by_transposed(units, units, cosines.view());

  const Index central = most_central_fit(std::as_const(cosines).view(), k);
  MatchedClusters result;
  result.component_of = match_all(units.middle_rows(central * k, k), units);
  for (Index round = 0; round < most_matchings; ++round) {
    result.medians = medians_of_clusters(units, labels_of(result.component_of, k), k);
    std::vector<Match> matches = match_all(std::as_const(result.medians).view(), units);
    if (matches == result.component_of) break;
    result.component_of = std::move(matches);
  }
  result.medians = medians_of_clusters(units, labels_of(result.component_of, k), k);
  make_sums_one(result.medians.view());
  add_silhouettes(result, std::move(cosines), k);
  return result;
}

}  // namespace mpinmf::stability
