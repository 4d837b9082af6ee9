// Merged components, held against LAPACK's SVD of what they replace and against a search of all pairs.
#include "init/merge.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <vector>

#include "catch.hpp"
#include "mpi_support.hpp"
#include "svd_support.hpp"

using namespace mpinmf;

namespace {

double product(const Matrix<double>& x, Index a, Index b) {
  double sum = 0;
  for (Index i = 0; i < x.rows(); ++i) sum += x(i, a) * x(i, b);
  return sum;
}
PairProducts products(const Matrix<double>& x, Index a, Index b) {
  return {product(x, a, a), product(x, a, b), product(x, b, b)};
}
Matrix<double> gram_of(const Matrix<double>& x) {
  Matrix<double> gram(x.columns(), x.columns());
  for (Index a = 0; a < x.columns(); ++a) {
    for (Index b = 0; b < x.columns(); ++b) gram(a, b) = product(x, a, b);
  }
  return gram;
}

/// w h', w is m x k and h is n x k.
Matrix<double> model_of(const Matrix<double>& w, const Matrix<double>& h) {
  Matrix<double> model(w.rows(), h.rows());
  for (Index i = 0; i < w.rows(); ++i) {
    for (Index j = 0; j < h.rows(); ++j) {
      for (Index c = 0; c < w.columns(); ++c) model(i, j) += w(i, c) * h(j, c);
    }
  }
  return model;
}
Matrix<double> column_pair(const Matrix<double>& x, Index a, Index b) {
  Matrix<double> two(x.rows(), 2);
  for (Index i = 0; i < x.rows(); ++i) {
    two(i, 0) = x(i, a);
    two(i, 1) = x(i, b);
  }
  return two;
}
Matrix<double> sum_of_two(const Matrix<double>& two, const std::array<double, 2>& shares) {
  Matrix<double> one(two.rows(), 1);
  for (Index i = 0; i < two.rows(); ++i) one(i, 0) = shares[0] * two(i, 0) + shares[1] * two(i, 1);
  return one;
}
double square_distance(const Matrix<double>& a, const Matrix<double>& b) {
  double sum = 0;
  for (Index i = 0; i < a.rows(); ++i) {
    for (Index j = 0; j < a.columns(); ++j) sum += (a(i, j) - b(i, j)) * (a(i, j) - b(i, j));
  }
  return sum;
}

Matrix<double> without(const Matrix<double>& x, Index c) {
  Matrix<double> rest(x.rows(), x.columns() - 1);
  for (Index i = 0; i < x.rows(); ++i) {
    for (Index to = 0; to < rest.columns(); ++to) rest(i, to) = x(i, to < c ? to : to + 1);
  }
  return rest;
}

struct Factors {
  Matrix<double> w, h;  // m x k, n x k
};

/// Tries all pairs, with the SVD of each.
Factors merged_by_search(Factors f, Index components) {
  while (f.w.columns() > components) {
    double least = std::numeric_limits<double>::infinity();
    Index best_a = 0, best_b = 0;
    FullSvd best;
    for (Index a = 0; a < f.w.columns(); ++a) {
      for (Index b = a + 1; b < f.w.columns(); ++b) {
        FullSvd svd = full_svd(model_of(column_pair(f.w, a, b), column_pair(f.h, a, b)));
        const double loss = svd.values[1] * svd.values[1];
        if (loss >= least) continue;
        least = loss;
        best_a = a;
        best_b = b;
        best = std::move(svd);
      }
    }
    const double root = std::sqrt(best.values[0]);
    for (Index i = 0; i < f.w.rows(); ++i) f.w(i, best_a) = root * std::abs(best.u(i, 0));
    for (Index j = 0; j < f.h.rows(); ++j) f.h(j, best_a) = root * std::abs(best.w(j, 0));
    f.w = without(f.w, best_b);
    f.h = without(f.h, best_b);
  }
  return f;
}

/// Whose scales differ much from component to component.
Factors uneven_factors(unsigned seed, Index m, Index n, Index k) {
  Factors f{random_matrix<double>(m, k, seed, 0.3), random_matrix<double>(n, k, seed + 1000, 0.3)};
  for (Index c = 0; c < k; ++c) {
    const double scale = std::pow(10.0, static_cast<double>((c * 7 + seed) % 9) - 4);
    for (Index i = 0; i < m; ++i) f.w(i, c) *= scale;
    for (Index j = 0; j < n; ++j) f.h(j, c) *= (1 + static_cast<double>(c % 3)) / scale;
  }
  return f;
}

template <class T>
Matrix<T> rounded_to(const Matrix<double>& x) {
  auto result = Matrix<T>::padded(x.rows(), x.columns());
  for (Index i = 0; i < x.rows(); ++i) {
    for (Index c = 0; c < x.columns(); ++c) result(i, c) = static_cast<T>(x(i, c));
  }
  return result;
}

}  // namespace

TEST_CASE("the closed form of a pair is the best approximation of rank one", "[merge]") {
  for (unsigned seed = 1; seed <= 60; ++seed) {
    INFO("seed " << seed);
    const Factors f = uneven_factors(seed, 5 + seed % 9, 4 + seed % 7, 2);
    const MergedPair pair = merge_pair(products(f.w, 0, 1), products(f.h, 0, 1));
    const Matrix<double> before = model_of(f.w, f.h);
    const Matrix<double> w = sum_of_two(f.w, pair.of_w), h = sum_of_two(f.h, pair.of_h);
    const FullSvd svd = full_svd(before);
    const double square = svd.values[0] * svd.values[0] + svd.values[1] * svd.values[1];
    CHECK(std::abs(pair.loss - svd.values[1] * svd.values[1]) < 1e-12 * square);
    CHECK(std::abs(square_distance(before, model_of(w, h)) - pair.loss) < 1e-12 * square);
    for (const auto& shares : {pair.of_w, pair.of_h}) {
      CHECK(shares[0] >= 0);
      CHECK(shares[1] >= 0);
    }
    CHECK(product(w, 0, 0) == Approx(svd.values[0]).epsilon(1e-12));
    CHECK(product(h, 0, 0) == Approx(svd.values[0]).epsilon(1e-12));
  }
}

TEST_CASE("of components that are parallel, apart or 0 the best remains", "[merge]") {
  const auto merged = [](const PairProducts& w, const PairProducts& h) { return merge_pair(w, h); };
  // parallel in W: nothing is lost, and h is their sum
  const MergedPair parallel = merged({4, 8, 16}, {1, 0, 9});
  CHECK(parallel.loss == 0);
  CHECK(parallel.of_h[1] == Approx(2 * parallel.of_h[0]));  // w_b = 2 w_a, so that w_a (h_a + 2 h_b)'
  // apart in both: the longer one remains as it is, the other is lost
  const MergedPair apart = merged({4, 0, 1}, {2, 0, 3});
  CHECK(apart.loss == Approx(3));
  CHECK(apart.of_w[0] > 0);
  CHECK(apart.of_h[0] > 0);
  CHECK(apart.of_w[0] * apart.of_h[0] == Approx(1));
  CHECK(apart.of_w[1] == 0);
  CHECK(apart.of_h[1] == 0);
  // one is 0 in W, or in H
  for (const MergedPair& dead : {merged({0, 0, 1}, {2, 1, 3}), merged({5, 2, 1}, {0, 0, 3})}) {
    CHECK(dead.loss == 0);
    CHECK(dead.of_w[1] * dead.of_h[1] == Approx(1));
    CHECK(dead.of_w[0] * dead.of_h[1] >= 0);
  }
  // both are
  for (const MergedPair& dead : {merged({0, 0, 0}, {0, 0, 0}), merged({0, 0, 1}, {1, 0, 0})}) {
    CHECK(dead.loss == 0);
    CHECK(dead.of_w == std::array<double, 2>{1, 0});
    CHECK(dead.of_h == std::array<double, 2>{1, 0});
  }
  // as long as numbers can be, and as short
  for (const double size : {1e150, 1e-150}) {
    const MergedPair pair = merged({4 * size, size, size}, {2 * size, size, 3 * size});
    const MergedPair usual = merged({4, 1, 1}, {2, 1, 3});
    CHECK(pair.loss == Approx(usual.loss * size * size));
    for (const std::size_t part : {std::size_t{0}, std::size_t{1}}) {
      CHECK(pair.of_w[part] == Approx(usual.of_w[part]));
      CHECK(pair.of_h[part] == Approx(usual.of_h[part]));
    }
  }
}

TEST_CASE("merging finds the pairs that a search of all finds, and the same components", "[merge]") {
  for (unsigned seed = 1; seed <= 12; ++seed) {
    const Index k = 6 + seed % 4, components = 2 + seed % 3;
    INFO("seed " << seed);
    const Factors f = uneven_factors(seed, 17, 13, k);
    Matrix<double> gram_w = gram_of(f.w), gram_h = gram_of(f.h);
    const Merging merging = merge_components(gram_w.view(), gram_h.view(), components);
    REQUIRE(merging.components == components);
    CHECK(std::set<Index>(merging.into.begin(), merging.into.end()).size() ==
          static_cast<std::size_t>(components));
    Index seen = 0;  // in the order of their first parts
    for (const Index into : merging.into) {
      CHECK(into <= seen);
      seen = std::max(seen, into + 1);
    }
    const Factors wanted = merged_by_search({f.w.copy(), f.h.copy()}, components);
    Matrix<double> w(17, components), h(13, components);
    merge_columns<double>(f.w.view(), merging, merging.of_w, w.view());
    merge_columns<double>(f.h.view(), merging, merging.of_h, h.view());
    CHECK(relative_difference<double>(Comm::self(), model_of(wanted.w, wanted.h).view(), model_of(w, h).view()) <
          1e-11);
    for (Index c = 0; c < components; ++c) {
      const Matrix<double> one = model_of(column_pair(w, c, c), column_pair(h, c, c));
      const Matrix<double> other = model_of(column_pair(wanted.w, c, c), column_pair(wanted.h, c, c));
      CHECK(relative_difference<double>(Comm::self(), other.view(), one.view()) < 1e-10);
    }
    const Matrix<float> single = rounded_to<float>(f.w);
    auto merged = Matrix<float>::padded(17, components);
    merge_columns<float>(single.view(), merging, merging.of_w, merged.view());
    CHECK(relative_difference<float>(Comm::self(), rounded_to<float>(w).view(), merged.view()) < 1e-6);
  }
}

TEST_CASE("what is merged with none keeps its bits, and copies and dead components go first", "[merge]") {
  Factors f = uneven_factors(5, 20, 15, 7);
  for (Index i = 0; i < 20; ++i) f.w(i, 6) = 3 * f.w(i, 2);  // what 2 has in W
  for (Index j = 0; j < 15; ++j) f.h(j, 4) = 0;              // dead
  Matrix<double> gram_w = gram_of(f.w), gram_h = gram_of(f.h);
  const Merging merging = merge_components(gram_w.view(), gram_h.view(), 5);
  CHECK(merging.into[6] == merging.into[2]);
  Matrix<double> w(20, 5), h(15, 5);
  merge_columns<double>(f.w.view(), merging, merging.of_w, w.view());
  merge_columns<double>(f.h.view(), merging, merging.of_h, h.view());
  CHECK(relative_difference<double>(Comm::self(), model_of(f.w, f.h).view(), model_of(w, h).view()) < 1e-14);
  std::size_t untouched = 0;
  for (std::size_t c = 0; c < 7; ++c) {
    const auto parts = std::count(merging.into.begin(), merging.into.end(), merging.into[c]);
    if (parts > 1) continue;
    ++untouched;
    const auto from = static_cast<Index>(c);
    for (Index i = 0; i < 20; ++i) CHECK(w(i, merging.into[c]) == f.w(i, from));
    for (Index j = 0; j < 15; ++j) CHECK(h(j, merging.into[c]) == f.h(j, from));
  }
  CHECK(untouched == 3);
  // nothing to merge
  gram_w = gram_of(f.w);
  gram_h = gram_of(f.h);
  const Merging none = merge_components(gram_w.view(), gram_h.view(), 7);
  CHECK(none.into == std::vector<Index>{0, 1, 2, 3, 4, 5, 6});
  CHECK(none.of_w == std::vector<double>(7, 1.0));
}
