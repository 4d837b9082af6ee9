// Fits to what is known of V, beside plain loops over a dense V and a mask, which every rank runs whole.
#include "api/evaluate.hpp"
#include "catch.hpp"
#include "known_entries.hpp"
#include "losses/loss_table.hpp"
#include "mpi_support.hpp"
#include "mpinmf/nmf.hpp"

using namespace mpinmf;

namespace {

/// A row has more known entries than are worked on together (256); one row and one column have none.
constexpr Index rows = 23, columns = 700, empty_row = 5, empty_column = 7;

/// Zeros are what is not known.
template <class T>
Matrix<T> ratings() {
  Matrix<T> v = random_matrix<T>(rows, columns, 11, 0.5);
  for (Index j = 0; j < columns; ++j) v(empty_row, j) = 0;
  for (Index i = 0; i < rows; ++i) v(i, empty_column) = 0;
  return v;
}

template <class T>
double masked_loss(const Matrix<T>& v, const KnownPair& pair, double beta) {
  double loss = 0;
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < columns; ++j) {
      if (v(i, j) != 0) loss += divergence(static_cast<double>(v(i, j)), pair.model(i, j), beta);
    }
  }
  return loss;
}

/// x <- x (numerator / denominator)^exponent for all rows of W, or all columns of H, from sums over known entries.
template <class T>
void masked_step(const Matrix<T>& v, KnownPair& pair, double beta, bool of_w) {
  const double exponent = facts_of(Loss{beta}).exponent;
  const Index k = pair.w.columns();
  Matrix<double> above(of_w ? rows : columns, k), below(above.rows(), k);
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < columns; ++j) {
      if (v(i, j) == 0) continue;
      const double x = pair.model(i, j), power = std::pow(x, beta - 1);
      for (Index c = 0; c < k; ++c) {
        const double other = of_w ? pair.h(c, j) : pair.w(i, c);
        above(of_w ? i : j, c) += static_cast<double>(v(i, j)) * power / x * other;
        below(of_w ? i : j, c) += power * other;
      }
    }
  }
  for (Index r = 0; r < above.rows(); ++r) {
    for (Index c = 0; c < k; ++c) {
      double& entry = of_w ? pair.w(r, c) : pair.h(c, r);
      entry = below(r, c) > 0 ? entry * std::pow(above(r, c) / below(r, c), exponent) : 0;
    }
  }
}

template <class T>
void check_against_loops(double beta, Index k, Order order) {
  INFO("beta " << beta << ", k " << k << ", " << name_of(order) << ", bytes " << sizeof(T));
  const Matrix<T> all = ratings<T>();
  const auto v = spread(world(), all, true);
  KnownPair pair{random_matrix<double>(rows, k, 1, 0), random_matrix<double>(k, columns, 2, 0)};
  Options options = fixed_options(k, beta, order, 6);
  options.loss.missing = Missing::zeros;
  options.threads = 2;
  Nmf<T> model(options);
  model.fit(v, rows_of(cast<T>(pair.w), v.first_row(), v.rows_local()).view(), cast<T>(pair.h).view());
  for (Index i = 0; i < options.max_iterations; ++i) {
    masked_step(all, pair, beta, order == Order::w_first);
    masked_step(all, pair, beta, order != Order::w_first);
  }
  const double tolerance = sizeof(T) == 8 ? 1e-10 : 2e-4;
  CHECK(relative_difference<T>(world(), rows_of(cast<T>(pair.w), v.first_row(), v.rows_local()).view(),
                               model.w()) < tolerance);
  CHECK(relative_difference<T>(Comm::self(), cast<T>(pair.h).view(), model.components().view()) < tolerance);
  const double loss = masked_loss(all, pair, beta);
  CHECK(model.cost().loss == Approx(loss).epsilon(tolerance));
  if (beta == 2)
    CHECK(model.cost().relative_error == Approx(std::sqrt(2 * loss / v.summary().sum_squares)).epsilon(tolerance));
  const Evaluation found = evaluate<T>(v, model.w(), model.ht(), options.loss, 1);
  CHECK(found.losses[1].loss == Approx(masked_loss(all, pair, 1)).epsilon(tolerance));
  CHECK(found.losses[beta == 2 ? 0 : beta == 1 ? 1 : beta == 0 ? 2 : 3].loss == Approx(loss).epsilon(tolerance));
  CHECK(found.kkt_w == Approx(model.kkt_w()).epsilon(1e-4));
}

/// |min(w, g)| for the gradient g over known entries, relative to its rising part, at worst.
double worst_slope(const Matrix<double>& v, const KnownPair& pair, double beta, Index first, Index count) {
  double worst = 0;
  for (Index i = first; i < first + count; ++i) {
    for (Index c = 0; c < pair.h.rows(); ++c) {
      double slope = 0, rising = 0;
      for (Index j = 0; j < columns; ++j) {
        if (v(i, j) == 0) continue;
        const double x = pair.model(i, j), power = std::pow(x, beta - 1);
        rising += power * pair.h(c, j);
        slope += (power - v(i, j) * power / x) * pair.h(c, j);
      }
      if (rising == 0) continue;
      worst = std::max(worst, pair.w(i, c) > 0 ? std::abs(slope) / rising : std::max(0.0, -slope) / rising);
    }
  }
  return worst;
}

}  // namespace

TEST_CASE("A fit to known entries is that of plain loops over a mask", "[missing]") {
  for (const double beta : {2.0, 1.0, 0.0, 0.5, 1.5, 3.0}) {
    for (const Index k : {1, 3, 20}) {
      check_against_loops<double>(beta, k, Order::w_first);
      check_against_loops<float>(beta, k, Order::w_first);
    }
    check_against_loops<double>(beta, 3, Order::h_first);
  }
}

TEST_CASE("Where all is known the fit is the plain one", "[missing]") {
  const Matrix<double> all = random_matrix<double>(rows, columns, 3, 0);
  for (const double beta : {2.0, 1.0, 0.0, 0.5, 1.5, 3.0}) {
    for (const bool sparse : {true, false}) {
      INFO("beta " << beta << (sparse ? ", sparse" : ", dense"));
      const auto v = spread(world(), all, sparse);
      Options options = fixed_options(4, beta, Order::w_first, 20);
      options.alpha_w = 1e-3;
      options.l1_ratio = 0.5;
      Nmf<double> plain(options);
      plain.fit(v);
      options.loss.missing = Missing::zeros;
      Nmf<double> model(options);
      model.fit(v);
      CHECK(relative_difference<double>(world(), plain.w(), model.w()) < 1e-10);
      CHECK(relative_difference<double>(Comm::self(), plain.ht(), model.ht()) < 1e-10);
      CHECK(model.cost().loss == Approx(plain.cost().loss).epsilon(1e-10));
      CHECK(model.cost().penalty == Approx(plain.cost().penalty).epsilon(1e-10));
      CHECK(model.kkt_h() == Approx(plain.kkt_h()).epsilon(1e-6));
      if (beta == 2) CHECK(model.cost().mean_row_norm == Approx(plain.cost().mean_row_norm).epsilon(1e-10));
      const Matrix<double> w = plain.transform(v), known_w = model.transform(v);
      CHECK(relative_difference<double>(world(), w.view(), known_w.view()) < 1e-4);
    }
  }
}

TEST_CASE("transform solves for rows by what is known of them", "[missing]") {
  const Matrix<double> all = ratings<double>();
  const auto v = spread(world(), all, true);
  for (const double beta : {2.0, 1.0, 0.0, 0.5, 1.5, 3.0}) {
    INFO("beta " << beta);
    Options options = fixed_options(5, beta, Order::w_first, 10);
    options.loss.missing = Missing::zeros;
    options.tolerance = 1e-9;
    Nmf<double> model(options);
    const Matrix<double> h = random_matrix<double>(5, columns, 4, 0.2);
    model.set_components(h.view());
    TransformRecord record;
    const Matrix<double> w = model.transform(v, &record);
    CHECK(record.unconverged == 0);
    KnownPair pair{Matrix<double>(rows, 5), h.copy()};
    for (Index i = 0; i < w.rows(); ++i) std::copy_n(w.row(i), 5, pair.w.row(v.first_row() + i));
    CHECK(worst_slope(all, pair, beta, v.first_row(), v.rows_local()) < 1e-7);
    for (Index i = 0; i < w.rows(); ++i) {
      if (v.first_row() + i != empty_row) continue;
      for (Index c = 0; c < 5; ++c) CHECK(w(i, c) == 0);
    }
  }
}

TEST_CASE("What asks for all of V is refused where some is not known", "[missing]") {
  Options options = fixed_options(2, 2, Order::w_first, 5);
  options.loss.missing = Missing::zeros;
  for (const char* rule : {"hals", "anls-bpp", "scd", "mu-newton", "amu"}) {
    options.rule = rule;
    CHECK_THROWS_WITH(Nmf<double>(options), Catch::Contains("takes every entry of V as known"));
  }
  options.rule = "";
  options.final_w = true;
  CHECK_THROWS_WITH(Nmf<double>(options), Catch::Contains("--final-w"));
}
