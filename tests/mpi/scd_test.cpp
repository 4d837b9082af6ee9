// The rules scd and mu-newton on any number of ranks against plain loops (scd_reference.hpp): sums, passes, fits.
#include <cmath>
#include <limits>
#include <vector>

#include "catch.hpp"
#include "mpi_support.hpp"
#include "mpinmf/nmf.hpp"
#include "scd_reference.hpp"
#include "solver/shared_h.hpp"
#include "solver/sweep.hpp"

using namespace mpinmf;

namespace {

struct ScdShape {
  Index m, n, k;
};

/// Counts, small ones more often, with empty rows and columns where there is room for them.
Matrix<double> counts_of(const ScdShape& shape, unsigned seed) {
  Matrix<double> v = random_matrix<double>(shape.m, shape.n, seed, 0.5);
  for (Index i = 0; i < shape.m; ++i) {
    for (Index j = 0; j < shape.n; ++j) {
      v(i, j) = std::floor(12 * v(i, j) * v(i, j));
      if ((shape.m > 8 && i == 5) || (shape.n > 8 && (j == 3 || j == shape.n - 1))) v(i, j) = 0;
    }
  }
  return v;
}

template <class T, class From>
Matrix<T> scd_rounded(const Matrix<From>& x) {
  Matrix<T> result(x.rows(), x.columns());
  for (Index i = 0; i < x.rows(); ++i) {
    for (Index j = 0; j < x.columns(); ++j) result(i, j) = static_cast<T>(x(i, j));
  }
  return result;
}

/// ||a - b||_F / ||a||_F, of what every rank has.
template <class A, class B>
double far_apart(const A& a, const B& b) {
  double difference = 0, norm = 0;
  for (Index i = 0; i < a.rows(); ++i) {
    for (Index j = 0; j < a.columns(); ++j) {
      const double x = static_cast<double>(a(i, j)), y = static_cast<double>(b(i, j));
      difference += (x - y) * (x - y);
      norm += x * x;
    }
  }
  return norm > 0 ? std::sqrt(difference / norm) : std::sqrt(difference);
}

template <class T>
void check_curvature(const ScdShape& shape, bool sparse, int threads, double beta = 1) {
  const auto [m, n, k] = shape;
  INFO(m << " x " << n << ", k = " << k << (sparse ? ", sparse, " : ", dense, ") << threads << " threads, "
         << sizeof(T) << " bytes, beta " << beta);
  const Matrix<double> all = counts_of(shape, 11);
  const DataMatrix<T> v = spread(world(), scd_rounded<T>(all), sparse);
  REQUIRE(v.column_order().empty());
  Matrix<double> all_w = random_matrix<double>(m, k, 12, 0.3), all_ht = random_matrix<double>(n, k, 13, 0.3);
  for (Index c = 0; c < k && n > 4; ++c) all_ht(4, c) = 0;  // W H = 0 under V > 0
  const Matrix<T> rounded_w = scd_rounded<T>(all_w), rounded_ht = scd_rounded<T>(all_ht);
  const ScdReference reference(all, scd_rounded<double>(rounded_w), scd_rounded<double>(rounded_ht), {}, beta);
  SharedH<T> h(n, k);
  auto w = Matrix<T>::padded(v.rows_local(), k);
  for (Index i = 0; i < w.rows(); ++i) std::copy_n(rounded_w.row(v.first_row() + i), k, w.row(i));
  for (Index j = 0; j < n; ++j) std::copy_n(rounded_ht.row(j), k, h.ht().row(j));
  h.refresh();
  const auto loss = make_loss<T>({beta});
  Sweep<T> sweep(v, *loss, k, threads);
  Sums<T> sums = sweep.make_sums();
  sweep.gather(h.fixed(), w.view(), sums, CostOf::nothing);
  sums.sum_over(world());

  const ScdSums expected = reference.sums_of(scd_rounded<double>(rounded_w), scd_rounded<double>(rounded_ht));
  const double allowed = 30 * static_cast<double>(std::numeric_limits<T>::epsilon());
  double worst = 0;
  for (Index j = 0; j < n; ++j) {
    for (Index c = 0; c < k; ++c) {
      const double p = expected.p(j, c), b = expected.b(j, c);  // sums of what is never below 0
      worst = std::max(worst, std::fabs(sums.of(Statistic::numerator)(j, c) - p) / (p > 0 ? p : 1));
      worst = std::max(worst, std::fabs(sums.of(Statistic::curvature)(j, c) - b) / (b > 0 ? b : 1));
    }
  }
  CHECK(worst <= allowed);
}

Options scd_options(Index k, Index iterations, double alpha, double beta = 1) {
  Options options;
  options.components = k;
  options.loss = {beta};
  options.rule = beta == 1 ? "scd" : "mu-newton";
  options.max_iterations = iterations;
  options.tolerance = 0;
  options.alpha_w = alpha;
  options.alpha_h = 2 * alpha;
  options.l1_ratio = 0.4;
  return options;
}

/// From a start with zeros in H.
template <class T>
struct ScdFit {
  Nmf<T> model;
  Matrix<double> all, w0, h0;
  Index first_row = 0;

  ScdFit(const ScdShape& shape, bool sparse, const Options& options)
      : model(options),
        all(counts_of(shape, 21)),
        w0(random_matrix<double>(shape.m, shape.k, 22, 0)),
        h0(random_matrix<double>(shape.k, shape.n, 23, shape.k > 1 ? 0.3 : 0)) {
    const DataMatrix<T> v = spread(world(), scd_rounded<T>(all), sparse);
    const Matrix<T> own = scd_rounded<T>(rows_of(w0, v.first_row(), v.rows_local())), h = scd_rounded<T>(h0);
    model.fit(v, own.view(), h.view());
    first_row = v.first_row();
  }
  ScdReference reference(const ScdPenalties& penalties, double beta = 1) const {
    Matrix<double> ht(h0.columns(), h0.rows());
    const Matrix<T> h = scd_rounded<T>(h0), w = scd_rounded<T>(w0);
    for (Index j = 0; j < ht.rows(); ++j) {
      for (Index c = 0; c < ht.columns(); ++c) ht(j, c) = static_cast<double>(h(c, j));
    }
    return {all, scd_rounded<double>(w), ht, penalties, beta};
  }
};

template <class T>
void compare_passes(const ScdShape& shape, bool sparse, double alpha, Index iterations, double beta = 1) {
  const auto [m, n, k] = shape;
  INFO(m << " x " << n << ", k = " << k << (sparse ? ", sparse, " : ", dense, ") << sizeof(T) << " bytes, alpha "
         << alpha << ", " << iterations << " iterations, beta " << beta);
  const ScdFit<T> fit(shape, sparse, scd_options(k, iterations, alpha, beta));
  const double of_w = alpha * static_cast<double>(n), of_h = 2 * alpha * static_cast<double>(m);
  ScdReference reference = fit.reference({0.4 * of_w, 0.6 * of_w, 0.4 * of_h, 0.6 * of_h}, beta);
  for (Index i = 0; i < iterations; ++i) reference.pass();
  const double allowed = sizeof(T) == 8 ? 1e-9 : 2e-3;
  const double loss = reference.loss_of(reference.w(), reference.ht());
  CHECK(fit.model.cost().loss == Approx(loss).epsilon(allowed).margin(allowed));
  CHECK(far_apart(reference.ht(), fit.model.ht()) < allowed);
  CHECK(far_apart(rows_of(reference.w(), fit.first_row, fit.model.w().rows()), fit.model.w()) < allowed);
}

}  // namespace

TEST_CASE("The sums of curvature are those of plain loops", "[scd]") {
  for (const ScdShape& shape : {ScdShape{90, 37, 6}, {3, 20, 1}, {40, 1, 3}, {33, 260, 20}, {5, 4, 9}}) {
    for (const bool sparse : {false, true}) {
      for (const int threads : {1, 3}) {
        check_curvature<double>(shape, sparse, threads);
        check_curvature<float>(shape, sparse, threads);
        check_curvature<double>(shape, sparse, threads, 1.3);
        check_curvature<float>(shape, sparse, threads, 1.7);
      }
    }
  }
}

TEST_CASE("Passes of scd are those of plain loops", "[scd]") {
  for (const ScdShape& shape : {ScdShape{60, 37, 6}, {3, 20, 2}, {40, 1, 1}, {25, 30, 1}, {5, 4, 9}}) {
    for (const bool sparse : {false, true}) {
      for (const double alpha : {0.0, 2e-3}) {
        for (const Index iterations : {1, 2, 3, 12}) {
          compare_passes<double>(shape, sparse, alpha, iterations);
          if (iterations < 12) compare_passes<float>(shape, sparse, alpha, iterations);
        }
      }
    }
  }
}

TEST_CASE("Passes of mu-newton are those of plain loops", "[scd]") {
  for (const ScdShape& shape : {ScdShape{60, 37, 6}, {3, 20, 2}, {40, 1, 1}, {25, 30, 1}, {5, 4, 9}}) {
    for (const bool sparse : {false, true}) {
      for (const double alpha : {0.0, 2e-3}) {
        for (const double beta : {1.2, 1.5, 1.8}) {
          compare_passes<double>(shape, sparse, alpha, 5, beta);
          compare_passes<float>(shape, sparse, alpha, 2, beta);
        }
      }
    }
  }
}

TEST_CASE("Losses of mu-newton never rise, extrapolated or not, and it ends near a stationary point", "[scd]") {
  if (!is_for_long_fits()) return;
  for (const bool extrapolate : {false, true}) {
    for (const double beta : {1.1, 1.5, 1.9}) {
      INFO("beta " << beta << (extrapolate ? ", extrapolated" : ""));
      Options options = scd_options(6, 1500, 0, beta);
      options.extrapolate = extrapolate;
      const ScdFit<double> fit({60, 37, 6}, false, options);
      double before = std::numeric_limits<double>::infinity();
      for (const TraceRow& row : fit.model.trace()) {
        CHECK(row.cost.loss <= before * (1 + 1e-12));
        before = row.cost.loss;
      }
      if (extrapolate) CHECK(fit.model.kkt_w() < 3e-3);
      if (extrapolate) CHECK(fit.model.kkt_h() < 3e-3);
    }
  }
}

TEST_CASE("scd goes back where plain loops do", "[scd]") {
  const ScdFit<double> fit({60, 37, 6}, true, scd_options(6, 140, 0));
  ScdReference reference = fit.reference({});
  for (int i = 0; i < 140; ++i) reference.pass();
  CHECK(reference.returns() > 0);
  CHECK(fit.model.cost().loss == Approx(reference.loss_of(reference.w(), reference.ht())).epsilon(1e-7));
}

TEST_CASE("Losses of scd never rise, it ends near a stationary point, and no entry of H is locked", "[scd]") {
  for (const bool sparse : {false, true}) {
    INFO((sparse ? "sparse" : "dense"));
    const ScdFit<double> fit({60, 37, 6}, sparse, scd_options(6, 1500, 0));
    double before = std::numeric_limits<double>::infinity();
    for (const TraceRow& row : fit.model.trace()) {
      CHECK(row.cost.loss <= before * (1 + 1e-12));
      before = row.cost.loss;
    }
    CHECK(fit.model.kkt_w() < 1e-3);
    CHECK(fit.model.kkt_h() < 1e-3);
    bool is_held = true, has_come_back = false;
    for (Index c = 0; c < 6; ++c) {
      double sum = 0;
      for (Index j = 0; j < 37; ++j) sum += fit.model.ht()(j, c);
      for (Index j = 0; j < 37; ++j) {
        const double h = fit.model.ht()(j, c);
        is_held = is_held && h >= 1e-12 * sum / 37;
        has_come_back = has_come_back || (fit.h0(c, j) == 0 && h > 1e-3 * sum / 37);
      }
    }
    CHECK(is_held);
    CHECK(has_come_back);
  }
}
