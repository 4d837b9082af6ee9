// Fully constrained least squares: rows of W, or columns of H, that sum up to 1.
#include <algorithm>
#include <cmath>
#include <utility>

#include "catch.hpp"
#include "least_squares.hpp"
#include "mpinmf/nmf.hpp"
#include "reference_set.hpp"
#include "rules/simplex.hpp"

using namespace mpinmf;

namespace {

/// The minimiser of x G x' / 2 - b x on the simplex: of the solutions (x_F, t) of G_FF x_F = b_F + t, sum x_F = 1
/// on all sets F, the best that is >= 0. Gauss elimination in long double.
std::vector<double> best_on_simplex(ConstMatrixView<double> gram, const std::vector<double>& b) {
  const auto k = static_cast<Index>(b.size());
  std::vector<double> best;
  double least = std::numeric_limits<double>::infinity();
  for (Index bits = 1; bits < Index{1} << k; ++bits) {
    std::vector<Index> set;
    for (Index c = 0; c < k; ++c) {
      if ((bits >> c) % 2 == 1) set.push_back(c);
    }
    const std::size_t size = set.size() + 1;
    std::vector<std::vector<long double>> rows(size, std::vector<long double>(size + 1, 1));
    for (std::size_t i = 0; i + 1 < size; ++i) {
      for (std::size_t j = 0; j + 1 < size; ++j) rows[i][j] = gram(set[i], set[j]);
      rows[i][size] = b[static_cast<std::size_t>(set[i])];
    }
    rows[size - 1][size - 1] = 0;
    bool is_regular = true;
    for (std::size_t p = 0; is_regular && p < size; ++p) {
      std::size_t pivot = p;
      for (std::size_t i = p; i < size; ++i) {
        if (std::fabs(rows[i][p]) > std::fabs(rows[pivot][p])) pivot = i;
      }
      std::swap(rows[p], rows[pivot]);
      is_regular = rows[p][p] != 0;
      for (std::size_t i = 0; is_regular && i < size; ++i) {
        if (i == p) continue;
        const long double factor = rows[i][p] / rows[p][p];
        for (std::size_t j = p; j <= size; ++j) rows[i][j] -= factor * rows[p][j];
      }
    }
    if (!is_regular) continue;
    std::vector<double> x(b.size());
    for (std::size_t i = 0; i + 1 < size; ++i) {
      x[static_cast<std::size_t>(set[i])] = static_cast<double>(rows[i][size] / rows[i][i]);
    }
    if (*std::min_element(x.begin(), x.end()) < 0) continue;
    const double value = objective_at(gram, b, x);
    if (value < least) {
      least = value;
      best = x;
    }
  }
  return best;
}

Matrix<double> gram_of(ConstMatrixView<double> h) {
  Matrix<double> gram(h.rows(), h.rows());
  for (Index a = 0; a < h.rows(); ++a) {
    for (Index c = 0; c < h.rows(); ++c) {
      for (Index j = 0; j < h.columns(); ++j) gram(a, c) += h(a, j) * h(c, j);
    }
  }
  return gram;
}

std::vector<double> on_simplex(ConstMatrixView<double> gram, const std::vector<double>& b) {
  const auto k = static_cast<Index>(b.size());
  std::vector<double> x(b.size()), numbers(static_cast<std::size_t>(simplex_numbers(k)));
  std::vector<Index> places(static_cast<std::size_t>(active_set_places(k)));
  minimise_on_simplex({gram, 1e-15, 1e-292}, b, x, numbers.data(), places.data());
  return x;
}

Options sum_to_one_options(Index k, SumToOne which) {
  Options options;
  options.components = k;
  options.sum_to_one = which;
  options.tolerance = 0;
  options.max_iterations = 40;
  return options;
}

double farthest_from_one(ConstMatrixView<double> x) {
  double farthest = 0;
  for (Index i = 0; i < x.rows(); ++i) {
    double sum = 0;
    for (Index c = 0; c < x.columns(); ++c) {
      CHECK(x(i, c) >= 0);
      sum += x(i, c);
    }
    farthest = std::max(farthest, std::fabs(sum - 1));
  }
  return farthest;
}

}  // namespace

TEST_CASE("least squares on the simplex is the best of all sets", "[sum_to_one]") {
  for (unsigned seed = 0; seed < 60; ++seed) {
    const Index k = 1 + static_cast<Index>(seed % 6);
    const Matrix<double> gram = gram_of(random_matrix<double>(k, k + 6, seed, 0.3).view());
    const Matrix<double> numerators = random_matrix<double>(20, k, seed + 100, 0);
    for (Index i = 0; i < 20; ++i) {
      std::vector<double> b(static_cast<std::size_t>(k));
      for (Index c = 0; c < k; ++c) b[static_cast<std::size_t>(c)] = std::pow(10, i % 5 - 2) * numerators(i, c);
      const std::vector<double> x = on_simplex(gram.view(), b), best = best_on_simplex(gram.view(), b);
      for (std::size_t c = 0; c < x.size(); ++c) CHECK(x[c] == Approx(best[c]).margin(1e-11));
    }
  }
}

TEST_CASE("a component without curvature takes what the others leave", "[sum_to_one]") {
  Matrix<double> gram(2, 2);
  gram(0, 0) = 2;
  CHECK(on_simplex(gram.view(), {0.5, 0}) == std::vector<double>{0.25, 0.75});
  CHECK(on_simplex(gram.view(), {8, 0}) == std::vector<double>{1, 0});
  CHECK(on_simplex(Matrix<double>(2, 2).view(), {0, 0}) == std::vector<double>{0.5, 0.5});
}

TEST_CASE("Jasper Ridge with four of its pixels as endmembers is solved as by brute force", "[sum_to_one]") {
  const ReferenceSet set("jasper_ridge");
  if (!set.is_there()) return;
  const DataMatrix<double> v = set.load_v();
  Matrix<double> own(v.rows_local(), v.columns());
  std::vector<std::pair<Index, double>> entries;
  for (Index i = 0; i < v.rows_local(); ++i) {
    v.read_row(v.rows(i, 1), 0, entries);
    for (const auto& [j, value] : entries) own(i, j) = value;
  }
  const auto pixel_at = [&](Index i) {
    std::vector<double> pixel(static_cast<std::size_t>(v.columns()));
    const Index local = i - v.first_row();
    if (local >= 0 && local < v.rows_local()) std::copy_n(own.row(local), v.columns(), pixel.begin());
    world().sum(pixel);
    return pixel;
  };
  Matrix<double> h(4, v.columns());
  const std::vector<Index> pixels = {150, 3300, 6100, 9800};
  for (std::size_t c = 0; c < 4; ++c) {
    const std::vector<double> pixel = pixel_at(pixels[c]);
    std::copy(pixel.begin(), pixel.end(), h.row(static_cast<Index>(c)));
  }
  Options options = sum_to_one_options(4, SumToOne::w);
  options.max_iterations = 1;
  Nmf<double> model(options);
  model.fix_h({0, 1, 2, 3}, h.view()).fit(v);
  CHECK(model.kkt_w() < 1e-12);
  CHECK(farthest_from_one(model.w()) < 1e-14);
  const Matrix<double> gram = gram_of(h.view());
  double worst = 0;
  for (Index i = 0; i < v.rows_local(); i += 7) {
    std::vector<double> b(4);
    for (Index c = 0; c < 4; ++c) {
      for (Index j = 0; j < v.columns(); ++j) b[static_cast<std::size_t>(c)] += h(c, j) * own(i, j);
    }
    const std::vector<double> best = best_on_simplex(gram.view(), b);
    for (Index c = 0; c < 4; ++c)
      worst = std::max(worst, std::fabs(best[static_cast<std::size_t>(c)] - model.w()(i, c)));
  }
  CHECK(world().max(worst) < 1e-9);
}

TEST_CASE("either factor sums up to 1 while both are learned, and what is minimised falls", "[sum_to_one]") {
  const Matrix<double> all = random_matrix<double>(60, 40, 91, 0.2);
  for (const SumToOne which : {SumToOne::w, SumToOne::h}) {
    for (const bool extrapolated : {false, true}) {
      INFO(name_of(which) << (extrapolated ? ", extrapolated" : ""));
      Options options = sum_to_one_options(5, which);
      options.extrapolate = extrapolated;
      options.max_iterations = 1000;
      options.stop = Stop::projected_gradient;
      options.tolerance = 1e-6;
      const DataMatrix<double> v = spread(world(), all, false), own = spread(Comm::self(), all, false);
      Nmf<double> model(options), alone(options);
      model.fit(v);
      alone.fit(own);
      CHECK(farthest_from_one(which == SumToOne::w ? model.w() : model.ht()) < 1e-14);
      CHECK(model.kkt_w() < 1e-4);
      CHECK(model.kkt_h() < 1e-4);
      CHECK(model.cost().loss == Approx(alone.cost().loss).epsilon(1e-8));
      double before = std::numeric_limits<double>::infinity();
      for (std::size_t i = 1; i < model.trace().size(); ++i) {
        const double loss = model.trace()[i].cost.loss;
        if (std::isnan(loss)) continue;
        CHECK(loss <= before * (1 + 1e-10));
        before = loss;
      }
    }
  }
}

TEST_CASE("what cannot sum up to 1 is refused", "[sum_to_one]") {
  Options options = sum_to_one_options(3, SumToOne::w);
  options.rule = "hals";
  CHECK_THROWS_AS(options.check(), UsageError);
  options.rule = "";
  options.loss = {1};  // is scaled so when it has been fitted
  CHECK_THROWS_WITH(options.check(), Catch::Contains("mpinmf topics DIR") && Catch::Contains("row_sizes.npy"));
  options.sum_to_one = SumToOne::h;
  CHECK_THROWS_WITH(options.check(), Catch::Contains("--normalize l1 --normalize-factor h"));
  options.sum_to_one = SumToOne::w;
  options.loss = {2};
  options.normalize = Norm::l1;
  CHECK_THROWS_AS(options.check(), UsageError);
  options.normalize = Norm::none;
  options.check();
  const DataMatrix<double> v = spread(world(), random_matrix<double>(20, 10, 92, 0), false);
  const Matrix<double> w = random_matrix<double>(v.rows_local(), 1, 93, 0);
  CHECK_THROWS_AS(Nmf<double>(options).fix_w({0}, w.view()).fit(v), UsageError);
}
