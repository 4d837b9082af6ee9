// Components that die in exact half-steps, and penalties under which all of them are best at 0.
#include <algorithm>
#include <random>
#include <vector>

#include "catch.hpp"
#include "mpi_support.hpp"
#include "mpinmf/load.hpp"
#include "mpinmf/nmf.hpp"
#include "solver/revival.hpp"

using namespace mpinmf;

namespace {

/// Counts of genes in cells of some types, six genes far above all others: from a random start a few components
/// answer for these, and nothing is left for the rest.
Matrix<double> cells_with_loud_genes(Index cells, Index genes, Index types) {
  std::mt19937 generator(15);
  std::gamma_distribution<double> expression(0.5, 1), share(0.2, 1);
  std::lognormal_distribution<double> level(0, 1.2);
  Matrix<double> programmes(types, genes), result(cells, genes);
  for (Index j = 0; j < genes; ++j) {
    const double loud = j < 6 ? 2000 - 250 * static_cast<double>(j) : level(generator);
    for (Index t = 0; t < types; ++t) {
      programmes(t, j) = j < 6 ? loud * (1 + 0.1 * expression(generator)) : loud * expression(generator);
    }
  }
  for (Index i = 0; i < cells; ++i) {
    std::vector<double> rates(static_cast<std::size_t>(genes), 0.01);
    for (Index t = 0; t < types; ++t) {
      const double u = share(generator);
      for (Index j = 0; j < genes; ++j) rates[static_cast<std::size_t>(j)] += u * programmes(t, j);
    }
    for (Index j = 0; j < genes; ++j) {
      result(i, j) =
          static_cast<double>(std::poisson_distribution<Index>(rates[static_cast<std::size_t>(j)])(generator));
    }
  }
  return result;
}

Options revival_options(const std::string& rule, Index k, unsigned seed, bool extrapolated, Order order) {
  Options options = fixed_options(k, 2, order, 60);
  options.rule = rule;
  options.extrapolate = extrapolated;
  options.start = Start::random;
  options.seed = Seed(seed);
  options.final_w = false;
  return options;
}

template <class T>
std::size_t dead_in(const Nmf<T>& model) {
  return living_components<T>(world(), model.w(), model.ht()).dead.size();
}

template <class T>
Nmf<T> model_of(const DataMatrix<T>& v, const Options& options) {
  Nmf<T> model(options);
  model.fit(v);
  return model;
}

}  // namespace

TEST_CASE("No component dies that V could feed", "[revival]") {
  const Matrix<double> cells = cells_with_loud_genes(120, 70, 10);
  for (const bool sparse : {false, true}) {
    const DataMatrix<double> v = spread(world(), cells, sparse);
    std::size_t died_before = 0;
    for (unsigned seed = 0; seed < 3; ++seed) {
      for (const bool extrapolated : {false, true}) {
        for (const Order order : {Order::w_first, Order::h_first}) {
          if (extrapolated && order == Order::h_first) continue;
          INFO("seed " << seed << (extrapolated ? ", extrapolated" : "") << (sparse ? ", sparse" : ", dense")
                       << (order == Order::h_first ? ", H first" : ""));
          Options options = revival_options("anls-bpp", 10, seed, extrapolated, order);
          const Nmf<double> alive = model_of(v, options);
          CHECK(dead_in(alive) == 0);
          options.revive = false;
          const Nmf<double> plain = model_of(v, options);
          died_before += dead_in(plain);
          CHECK(alive.reconstruction_error() < 1.001 * plain.reconstruction_error());
          if (dead_in(plain) > 2) CHECK(alive.reconstruction_error() < 0.9 * plain.reconstruction_error());
        }
      }
    }
    CHECK(died_before >= 20);  // else these data prove nothing
  }
}

TEST_CASE("Whatever the rule, no component is dead at the end", "[revival]") {
  const Matrix<double> cells = cells_with_loud_genes(120, 70, 10);
  const DataMatrix<double> v = spread(world(), cells, false);
  Matrix<float> rounded(cells.rows(), cells.columns());
  for (Index i = 0; i < cells.rows(); ++i) {
    for (Index j = 0; j < cells.columns(); ++j) rounded(i, j) = static_cast<float>(cells(i, j));
  }
  const DataMatrix<float> single = spread(world(), rounded, false);
  for (const std::string rule : {"mu", "amu", "hals", "ahals", "projected-gradient", "anls-bpp", "ao-admm"}) {
    INFO(rule);
    CHECK(dead_in(model_of(v, revival_options(rule, 10, 1, false, Order::w_first))) == 0);
    CHECK(dead_in(model_of(single, revival_options(rule, 10, 1, false, Order::w_first))) == 0);
  }
}

TEST_CASE("A component that starts at 0 comes back, by the same way for any number of ranks", "[revival]") {
  const Matrix<double> all = random_matrix<double>(40, 17, 3, 0.2);
  const DataMatrix<double> v = spread(world(), all, false), whole = spread(Comm::self(), all, false);
  Matrix<double> w0 = random_matrix<double>(40, 3, 4, 0), h0 = random_matrix<double>(3, 17, 5, 0);
  for (Index i = 0; i < w0.rows(); ++i) w0(i, 1) = 0;
  for (Index j = 0; j < h0.columns(); ++j) h0(1, j) = 0;
  const Matrix<double> own = rows_of(w0, v.first_row(), v.rows_local());
  for (const std::string rule : {"hals", "ahals", "anls-bpp", "ao-admm"}) {
    for (const Order order : {Order::w_first, Order::h_first}) {
      INFO(rule << (order == Order::h_first ? ", H first" : ""));
      Options options = revival_options(rule, 3, 0, false, order);
      options.max_iterations = 8;
      Nmf<double> some(options), one(options);
      some.fit(v, own.view(), h0.view());
      one.fit(whole, w0.view(), h0.view());
      CHECK(dead_in(some) == 0);
      CHECK(relative_difference<double>(Comm::self(), one.ht(), some.ht()) < 1e-10);
      CHECK(some.cost().loss == Approx(one.cost().loss).epsilon(1e-10));
      options.revive = false;
      Nmf<double> dead(options);
      dead.fit(v, own.view(), h0.view());
      CHECK(dead_in(dead) == 1);
    }
  }
}

TEST_CASE("What was lost comes from the reference data, too: Jasper Ridge with the default", "[revival]") {
  if (!is_for_long_fits()) return;
  const auto file = reference_file("jasper_ridge/X.npy.gz");
  if (!file) return;
  const DataMatrix<double> v = load<double>(world(), *file);
  for (unsigned seed = 0; seed < 5; ++seed) {
    INFO("seed " << seed);
    Options options;
    options.components = 6;
    options.seed = Seed(seed);
    const Nmf<double> model = model_of(v, options);
    CHECK(dead_in(model) == 0);
    CHECK(model.cost().relative_error < 0.0223);
  }
}

TEST_CASE("Where penalties outweigh all that V gives, both factors end at 0", "[revival]") {
  const Matrix<double> all = random_matrix<double>(50, 12, 6, 0);
  const DataMatrix<double> v = spread(world(), all, false);
  for (const std::string rule : {"hals", "ahals", "projected-gradient", "anls-bpp", "ao-admm", "mu", "amu"}) {
    for (const Order order : {Order::w_first, Order::h_first}) {
      INFO(rule << (order == Order::h_first ? ", H first" : ""));
      Options options = revival_options(rule, 3, 0, false, order);
      options.max_iterations = 40;
      options.alpha_w = 1;
      options.l1_ratio = 1;
      const Nmf<double> model = model_of(v, options);
      CHECK(model.cost().loss + model.cost().penalty == Approx(v.summary().sum_squares / 2).epsilon(1e-10));
    }
  }
}
