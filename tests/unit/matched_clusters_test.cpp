// Clusters of one component of each fit, their medians and silhouettes (tests/reference/make_stability.py).
#include <algorithm>
#include <numeric>

#include "catch.hpp"
#include "mpinmf/error.hpp"
#include "stability/matched_clusters.hpp"
#include "stability_support.hpp"

using namespace mpinmf;
using namespace mpinmf::stability;

namespace {

/// The clusters of fits of one k, each k x n.
MatchedClusters clusters_of(const std::vector<Matrix<double>>& spectra) {
  const Index k = spectra.front().rows(), n = spectra.front().columns();
  Matrix<double> stacked(static_cast<Index>(spectra.size()) * k, n);
  Index to = 0;
  for (const Matrix<double>& fit : spectra) {
    for (Index c = 0; c < k; ++c, ++to) std::copy_n(fit.row(c), n, stacked.row(to));
  }
  return matched_clusters(std::as_const(stacked).view(), k);
}

}  // namespace

TEST_CASE("Matched components are the planted ones, with scikit-learn's silhouettes", "[matched_clusters]") {
  for (const auto& expected : stability_reference()["matches"]) {
    std::vector<Matrix<double>> spectra;
    for (const auto& fit : expected["spectra"]) spectra.push_back(matrix_of(fit));
    const std::vector<Index> labels = expected["labels"];
    const std::vector<double> silhouettes = numbers_of(expected["silhouettes"]);
    const Matrix<double> medians = matrix_of(expected["medians"]);
    const auto k = silhouettes.size();
    const MatchedClusters found = clusters_of(spectra);
    REQUIRE(found.component_of.size() == spectra.size());
    for (std::size_t c = 0; c < k; ++c) {
      const auto planted = static_cast<std::size_t>(labels[static_cast<std::size_t>(found.component_of[0][c])]);
      for (std::size_t fit = 0; fit < spectra.size(); ++fit) {
        CHECK(labels[fit * k + static_cast<std::size_t>(found.component_of[fit][c])] ==
              static_cast<Index>(planted));
      }
      CHECK(found.silhouette_of[c] == Approx(silhouettes[planted]).epsilon(0).margin(1e-10));
      for (Index j = 0; j < medians.columns(); ++j) {
        CHECK(found.medians(static_cast<Index>(c), j) ==
              Approx(medians(static_cast<Index>(planted), j)).epsilon(0).margin(1e-12));
      }
    }
    CHECK(found.min_silhouette == *std::min_element(found.silhouette_of.begin(), found.silhouette_of.end()));
    CHECK(found.mean_silhouette ==
          Approx(std::accumulate(silhouettes.begin(), silhouettes.end(), 0.0) / static_cast<double>(k)));
  }
}

TEST_CASE("Clusters do not begin with a fit that is unlike the others", "[matched_clusters]") {
  std::vector<Matrix<double>> spectra;
  for (int fit = 0; fit < 5; ++fit) {
    spectra.emplace_back(2, 3);
    for (Index c = 0; c < 2; ++c) spectra.back()(c, (c + fit) % 2) = 1 + fit;
  }
  for (Index c = 0; c < 2; ++c) {
    std::fill_n(spectra[0].row(c), 3, 0.0);
    spectra[0](c, 2) = 1;  // two equal components
  }
  const MatchedClusters found = clusters_of(spectra);
  for (std::size_t fit = 1; fit < 5; ++fit) {
    const Index component = found.component_of[fit][0];
    CHECK((spectra[fit](component, 0) > 0) == (found.medians(0, 0) > 0));
  }
  CHECK(found.medians(0, 0) + found.medians(1, 0) == 1);
  CHECK(found.min_silhouette < 1);
}

TEST_CASE("Clusters of one component, of one fit, and errors", "[matched_clusters]") {
  std::vector<Matrix<double>> single;
  CHECK_THROWS_AS(matched_clusters(Matrix<double>(0, 3).view(), 2), UsageError);
  CHECK_THROWS_AS(matched_clusters(Matrix<double>(2, 3).view(), 0), UsageError);
  CHECK_THROWS_AS(matched_clusters(Matrix<double>(3, 3).view(), 2), ShapeMismatch);
  for (int fit = 0; fit < 3; ++fit) {
    single.emplace_back(1, 2);
    single.back()(0, fit % 2) = 1;
  }
  const MatchedClusters one = clusters_of(single);
  CHECK(one.min_silhouette == 1);
  CHECK(one.mean_silhouette == 1);
  CHECK(one.medians(0, 0) == 1);
  std::vector<Matrix<double>> alone;
  alone.emplace_back(2, 2);
  CHECK(clusters_of(alone).mean_silhouette == 0);  // nothing to compare with
}
