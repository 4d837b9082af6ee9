// cNMF's consensus, held against NumPy and scikit-learn (tests/reference/make_stability.py), and its parts.
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <numeric>
#include <random>
#include <set>
#include <utility>

#include "catch.hpp"
#include "contains.hpp"
#include "mpinmf/error.hpp"
#include "stability/consensus.hpp"
#include "stability/distances.hpp"
#include "stability/k_means.hpp"
#include "stability/medians.hpp"
#include "stability/silhouettes.hpp"
#include "stability_support.hpp"

using namespace mpinmf;
using namespace mpinmf::stability;

namespace {

/// The cluster of `a` that is cluster c of `b`; the two are the same partition.
std::vector<Index> check_same_partition(const std::vector<Index>& a, const std::vector<Index>& b, Index k) {
  REQUIRE(a.size() == b.size());
  std::set<std::pair<Index, Index>> pairs;
  for (std::size_t i = 0; i < a.size(); ++i) {
    CHECK((a[i] < 0) == (b[i] < 0));
    if (a[i] >= 0) pairs.emplace(b[i], a[i]);
  }
  REQUIRE(static_cast<Index>(pairs.size()) == k);
  std::vector<Index> of_b;
  for (const auto& [there, here] : pairs) {
    CHECK(there == static_cast<Index>(of_b.size()));
    of_b.push_back(here);
  }
  return of_b;
}

double cosine(const double* a, const double* b, Index n) {
  return std::inner_product(a, a + n, b, 0.0) /
         std::sqrt(std::inner_product(a, a + n, a, 0.0) * std::inner_product(b, b + n, b, 0.0));
}

Matrix<double> squares_of(const Matrix<double>& points) {
  Matrix<double> squares(points.rows(), points.rows());
  for (Index i = 0; i < points.rows(); ++i) {
    for (Index j = 0; j < points.rows(); ++j) {
      for (Index d = 0; d < points.columns(); ++d) squares(i, j) += std::pow(points(i, d) - points(j, d), 2);
    }
  }
  return squares;
}

}  // namespace

TEST_CASE("The consensus is cNMF's", "[stability]") {
  for (const auto& expected : stability_reference()["consensuses"]) {
    const Index k = expected["k"];
    INFO("k = " << k);
    const Matrix<double> stacked = matrix_of(expected["stacked"]);
    ConsensusSettings settings;
    settings.density_threshold = expected["threshold"];
    const Consensus found = consensus(stacked.view(), k, settings);
    const std::vector<double> densities = numbers_of(expected["local_density"]);
    for (std::size_t i = 0; i < densities.size(); ++i) {
      CHECK(found.local_density[i] == Approx(densities[i]).epsilon(0).margin(1e-10));
      CHECK(found.kept[i] == expected["kept"][i].get<int>());
    }
    const std::vector<Index> here = check_same_partition(found.labels, expected["labels"], k);
    CHECK(found.silhouette == Approx(expected["silhouette"].get<double>()).epsilon(0).margin(1e-10));
    const std::vector<double> samples = numbers_of(expected["silhouettes"]);
    std::vector<double> kept_samples;
    for (const double s : silhouettes(std::as_const(found.distances).view(), found.labels, k)) {
      if (!std::isnan(s)) kept_samples.push_back(s);
    }
    REQUIRE(kept_samples.size() == samples.size());
    for (std::size_t i = 0; i < samples.size(); ++i) {
      CHECK(kept_samples[i] == Approx(samples[i]).epsilon(0).margin(1e-10));
    }
    const Matrix<double> spectra = matrix_of(expected["spectra"]);
    REQUIRE(found.spectra.rows() == k);
    for (Index c = 0; c < k; ++c) {
      const double* row = found.spectra.row(here[static_cast<std::size_t>(c)]);
      CHECK(cosine(row, spectra.row(c), spectra.columns()) >= 0.999999);
      for (Index j = 0; j < spectra.columns(); ++j) {
        CHECK(row[j] == Approx(spectra(c, j)).epsilon(0).margin(1e-12));
      }
    }
  }
}

TEST_CASE("A consensus of one component, of equal fits, and errors", "[stability]") {
  Matrix<double> equal(6, 3);
  for (Index i = 0; i < 6; ++i) equal(i, i % 2) = static_cast<double>(i + 1);
  const Consensus two = consensus(equal.view(), 2, {});
  CHECK(two.labels == std::vector<Index>{0, 1, 0, 1, 0, 1});
  CHECK(two.silhouette == 1);
  CHECK(two.spectra(1, 1) == 1);
  CHECK(*std::max_element(two.local_density.begin(), two.local_density.end()) == 0);
  ConsensusSettings with_scale;
  with_scale.spectra = Spectra::as_fitted;
  const Consensus scaled = consensus(equal.view(), 2, with_scale);
  CHECK(scaled.spectra(0, 0) == 3);  // of 1, 3, 5
  CHECK(scaled.spectra(1, 1) == 4);  // of 2, 4, 6
  // more clusters than different rows: none is empty
  const Consensus four = consensus(equal.view(), 4, {});
  CHECK(std::set<Index>(four.labels.begin(), four.labels.end()).size() == 4);

  ConsensusSettings all;
  all.density_threshold = no_threshold;
  CHECK(consensus(equal.view(), 1, all).silhouette == 1);
  CHECK(consensus(equal.view().middle_rows(0, 1), 1, all).local_density[0] == 0);

  CHECK_THROWS_AS(consensus(equal.view(), 7, {}), UsageError);
  CHECK_THROWS_AS(consensus(equal.view(), 0, {}), UsageError);
  for (ConsensusSettings wrong :
       {ConsensusSettings{0, 0.3, 10, 1}, {0.5, 0, 10, 1}, {0.5, 1.5, 10, 1}, {0.5, 0.3, 0, 1}}) {
    CHECK_THROWS_AS(consensus(equal.view(), 2, wrong), UsageError);
  }
  Matrix<double> apart(4, 4);
  for (Index i = 0; i < 4; ++i) apart(i, i) = 1;
  CHECK_THROWS_AS(consensus(apart.view(), 2, {}), BadData);
  CHECK_THROWS_WITH(consensus(apart.view(), 2, {}), Contains("0 of 4 spectra have a local density"));
}

TEST_CASE("Distances keep their digits where rows are nearly equal", "[stability]") {
  Matrix<double> rows(3, 2);
  rows(0, 0) = rows(1, 0) = 1;
  rows(1, 1) = 1e-9;
  const Matrix<double> unit = unit_rows(rows.view());
  const Matrix<double> distances = euclidean_distances(unit.view());
  CHECK(distances(0, 1) == Approx(1e-9).epsilon(1e-12));
  CHECK(distances(0, 2) == 1);  // to a row that is 0
  CHECK(distances(2, 2) == 0);
}

TEST_CASE("k-means finds the best of all partitions, and the same again", "[stability]") {
  std::mt19937 generator(17);
  std::uniform_real_distribution<double> uniform;
  for (int repeat = 0; repeat < 20; ++repeat) {
    Matrix<double> points(8, 2);
    for (Index i = 0; i < 8; ++i) {
      for (Index d = 0; d < 2; ++d) points(i, d) = uniform(generator);
    }
    const Matrix<double> squares = squares_of(points);
    const Clusters found = k_means(squares.view(), 3, 30, 5);
    double least = 1e300;
    for (int code = 0; code < 6561; ++code) {
      double inertia = 0;
      for (int c = 0; c < 3; ++c) {
        double size = 0, spread = 0;
        for (int i = 0, a = code; i < 8; ++i, a /= 3) {
          if (a % 3 != c) continue;
          ++size;
          for (int j = 0, b = code; j < 8; ++j, b /= 3) spread += b % 3 == c ? squares(i, j) : 0;
        }
        inertia += size > 0 ? spread / (2 * size) : 1e300;
      }
      least = std::min(least, inertia);
    }
    CHECK(found.inertia == Approx(least));
    CHECK(k_means(squares.view(), 3, 30, 5).labels == found.labels);
    CHECK(found.labels[0] == 0);
  }
}

TEST_CASE("Medians of even numbers of rows lie between the two in the middle", "[stability]") {
  Matrix<double> rows(5, 1);
  for (Index i = 0; i < 5; ++i) rows(i, 0) = std::pow(2, static_cast<double>(i));
  const Matrix<double> medians = medians_of_clusters(rows.view(), std::vector<Index>{0, 0, 0, -1, 0}, 2);
  CHECK(medians(0, 0) == 3);
  CHECK(medians(1, 0) == 0);
}

TEST_CASE("A row alone in its cluster has silhouette 0", "[stability]") {
  Matrix<double> points(4, 1);
  points(1, 0) = 1;
  points(2, 0) = 5;
  points(3, 0) = 100;
  Matrix<double> distances(4, 4);
  for (Index i = 0; i < 4; ++i) {
    for (Index j = 0; j < 4; ++j) distances(i, j) = std::abs(points(i, 0) - points(j, 0));
  }
  const std::vector<double> found =
      silhouettes(std::as_const(distances).view(), std::vector<Index>{0, 0, 1, -1}, 2);
  CHECK(found[0] == Approx(0.8));
  CHECK(found[1] == Approx(0.75));
  CHECK(found[2] == 0);
  CHECK(std::isnan(found[3]));
  CHECK(mean(found) == Approx((0.8 + 0.75) / 3));
  CHECK(std::isnan(mean(std::vector<double>{})));
}
