// Connectivity as R's NMF has it, average linkage as SciPy has it (tests/reference/make_stability.py), sparseness.
#include <algorithm>
#include <cmath>
#include <random>
#include <set>

#include "catch.hpp"
#include "mpinmf/error.hpp"
#include "stability/average_linkage.hpp"
#include "stability/connectivity.hpp"
#include "stability_support.hpp"

using namespace mpinmf;
using namespace mpinmf::stability;

TEST_CASE("Cophenetic distances are SciPy's where no distances are equal", "[connectivity]") {
  for (const auto& expected : stability_reference()["linkages"]) {
    const Matrix<double> distances = matrix_of(expected["distances"]), tree = matrix_of(expected["cophenetic"]);
    const Matrix<double> found = cophenetic_distances(distances.view());
    for (Index i = 0; i < tree.rows(); ++i) {
      for (Index j = 0; j < tree.rows(); ++j) CHECK(found(i, j) == Approx(tree(i, j)).epsilon(0).margin(1e-10));
    }
  }
}

TEST_CASE("Cophenetic distances of ties are those of a tree", "[connectivity]") {
  std::mt19937 generator(23);
  for (const Index n : {1, 2, 7, 40}) {
    Matrix<double> distances(n, n);
    for (Index i = 0; i < n; ++i) {
      for (Index j = 0; j < i; ++j) {
        distances(i, j) = distances(j, i) = static_cast<double>(generator() % 4) / 4;
      }
    }
    const Matrix<double> found = cophenetic_distances(distances.view());
    std::set<double> heights;
    for (Index i = 0; i < n; ++i) {
      CHECK(found(i, i) == 0);
      for (Index j = 0; j < n; ++j) {
        CHECK(found(i, j) == found(j, i));
        if (i != j) heights.insert(found(i, j));
        // of three rows the two that meet last do so at the same height
        for (Index l = 0; l < n; ++l) CHECK(found(i, j) <= std::max(found(i, l), found(l, j)));
      }
    }
    CHECK(static_cast<Index>(heights.size()) <= std::max<Index>(0, n - 1));
  }
}

TEST_CASE("Connectivity is that of R's NMF", "[connectivity]") {
  for (const auto& expected : stability_reference()["connectivities"]) {
    const StrongestComponents runs = expected["strongest"];
    const Connectivity found = connectivity(runs);
    CHECK(found.rows == static_cast<Index>(runs[0].size()));
    CHECK(found.cophenetic == Approx(expected["cophenetic"].get<double>()).epsilon(0).margin(1e-10));
    CHECK(found.dispersion == Approx(expected["dispersion"].get<double>()).epsilon(0).margin(1e-12));
    CHECK(found.pac == Approx(expected["pac"].get<double>()).epsilon(0).margin(1e-12));
  }
}

TEST_CASE("Connectivity knows no names of components, and what fits agree on", "[connectivity]") {
  const StrongestComponents agree = {{0, 0, 1, 2, 2}, {4, 4, 0, 9, 9}, {2, 2, 1, 0, 0}};
  const Connectivity found = connectivity(agree);
  CHECK(found.cophenetic == Approx(1));
  CHECK(found.dispersion == 1);
  CHECK(found.pac == 0);
  const StrongestComponents one = {{3, 3, 3}, {0, 0, 0}};
  CHECK(connectivity(one).cophenetic == 1);
  const StrongestComponents half = {{0, 0}, {0, 1}};
  const Connectivity split = connectivity(half);
  CHECK(split.pac == 1);
  CHECK(split.dispersion == 0.5);  // 0 beside the diagonal, 1 on it
  const std::vector<Index> rows = {0, 1};
  CHECK(connectivity_matrix(half, rows)(0, 1) == 0.5);
  CHECK(connectivity({{5}}).rows == 1);

  CHECK_THROWS_AS(connectivity({}), UsageError);
  CHECK_THROWS_AS(connectivity({{0, 1}, {0}}), ShapeMismatch);
}

TEST_CASE("Rows to compare are rising, spread over all, and functions of the seed", "[connectivity]") {
  CHECK(sampled_rows(3, 1, 5) == std::vector<Index>{0, 1, 2});
  CHECK(sampled_rows(0, 1, 5).empty());
  for (const Index m : {11, 17, 1000, 1001}) {
    const std::vector<Index> rows = sampled_rows(m, 4, 10);
    CHECK(rows == sampled_rows(m, 4, 10));
    REQUIRE(rows.size() == 10);
    for (std::size_t i = 0; i < 10; ++i) {
      CHECK(rows[i] >= static_cast<Index>(i) * m / 10);
      CHECK(rows[i] < static_cast<Index>(i + 1) * m / 10);
    }
  }
  CHECK(sampled_rows(1000, 4, 10) != sampled_rows(1000, 5, 10));
  const std::vector<Index> far = sampled_rows(Index{1} << 62);
  CHECK(std::is_sorted(far.begin(), far.end()));
  CHECK(far.back() > (Index{1} << 61));

  std::vector<std::uint16_t> halves(5000);
  std::fill(halves.begin() + 2500, halves.end(), std::uint16_t{1});
  const Connectivity found = connectivity({halves, halves}, 1, 100);
  CHECK(found.rows == 100);
  CHECK(found.dispersion == 1);
}

TEST_CASE("Sparseness is Hoyer's", "[connectivity]") {
  const auto& expected = stability_reference()["sparse"];
  CHECK(sparseness(matrix_of(expected["rows"]).view()) == Approx(expected["sparseness"].get<double>()));
  Matrix<double> rows(3, 4);
  rows(0, 2) = 7;
  for (Index j = 0; j < 4; ++j) rows(1, j) = 0.5;
  CHECK(sparseness(rows.view()) == Approx(0.5));  // 1, 0, and a row that is 0
  CHECK(std::isnan(sparseness(Matrix<double>(1, 3).view())));
}
