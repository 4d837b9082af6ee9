// The solver against a brute-force factorization in plain loops, for every loss and both orders.
#include <algorithm>
#include <cmath>
#include <vector>

#include "api/evaluate.hpp"
#include "catch.hpp"
#include "contains.hpp"
#include "mpi_support.hpp"
#include "mpinmf/nmf.hpp"
#include "solver/shared_h.hpp"
#include "solver/sweep.hpp"

using namespace mpinmf;

namespace {

Matrix<double> product(const Matrix<double>& w, const Matrix<double>& h) {
  Matrix<double> result(w.rows(), h.columns());
  for (Index i = 0; i < w.rows(); ++i) {
    for (Index j = 0; j < h.columns(); ++j) {
      for (Index c = 0; c < w.columns(); ++c) result(i, j) += w(i, c) * h(c, j);
    }
  }
  return result;
}

Matrix<double> transposed(const Matrix<double>& h) {
  Matrix<double> ht(h.columns(), h.rows());
  for (Index i = 0; i < h.rows(); ++i) {
    for (Index j = 0; j < h.columns(); ++j) ht(j, i) = h(i, j);
  }
  return ht;
}

/// d_beta(v | x) by its definition (Fevotte and Idier 2011, equation 2).
double divergence(double beta, double v, double x) {
  if (beta == 1) return (v > 0 ? v * std::log(v / x) : 0) - v + x;
  if (beta == 0) return v / x - std::log(v / x) - 1;
  return (std::pow(v, beta) + (beta - 1) * std::pow(x, beta) - beta * v * std::pow(x, beta - 1)) /
         (beta * (beta - 1));
}

double total_divergence(double beta, const Matrix<double>& v, const Matrix<double>& x) {
  double total = 0;
  for (Index i = 0; i < v.rows(); ++i) {
    for (Index j = 0; j < v.columns(); ++j) total += divergence(beta, v(i, j), x(i, j));
  }
  return total;
}

double exponent(double beta) {
  return beta < 1 ? 1 / (2 - beta) : beta > 2 ? 1 / (beta - 1) : 1;
}

/// One factor's multiplicative update, entry by entry.
void move_w(double beta, const Matrix<double>& v, Matrix<double>& w, const Matrix<double>& h) {
  const Matrix<double> x = product(w, h);
  for (Index i = 0; i < w.rows(); ++i) {
    for (Index c = 0; c < w.columns(); ++c) {
      double numerator = 0, denominator = 0;
      for (Index j = 0; j < v.columns(); ++j) {
        numerator += v(i, j) * std::pow(x(i, j), beta - 2) * h(c, j);
        denominator += std::pow(x(i, j), beta - 1) * h(c, j);
      }
      w(i, c) *= std::pow(numerator / denominator, exponent(beta));
    }
  }
}
void move_h(double beta, const Matrix<double>& v, const Matrix<double>& w, Matrix<double>& h) {
  const Matrix<double> x = product(w, h);
  for (Index c = 0; c < h.rows(); ++c) {
    for (Index j = 0; j < h.columns(); ++j) {
      double numerator = 0, denominator = 0;
      for (Index i = 0; i < v.rows(); ++i) {
        numerator += v(i, j) * std::pow(x(i, j), beta - 2) * w(i, c);
        denominator += std::pow(x(i, j), beta - 1) * w(i, c);
      }
      h(c, j) *= std::pow(numerator / denominator, exponent(beta));
    }
  }
}

Options options_for(double beta, Order order, Index k, Index iterations) {
  return fixed_options(k, beta, order, iterations);
}

void compare_with_brute_force(double beta, Order order, bool sparse) {
  INFO("beta " << beta << (order == Order::w_first ? ", W first" : ", H first")
               << (sparse ? ", sparse" : ", dense"));
  const Index m = 37, n = 23, k = 5, iterations = 12;
  const Matrix<double> all = random_matrix<double>(m, n, 1, beta > 0 ? 0.4 : 0);
  const Matrix<double> w0 = random_matrix<double>(m, k, 2, 0), h0 = random_matrix<double>(k, n, 3, 0);
  const DataMatrix<double> v = spread(Comm::self(), all, sparse);
  Nmf<double> model(options_for(beta, order, k, iterations));
  model.fit(v, w0.view(), h0.view());

  Matrix<double> w = w0.copy(), h = h0.copy();
  REQUIRE(model.trace().size() == static_cast<std::size_t>(iterations) + 1);
  for (Index i = 0; i <= iterations; ++i) {
    const double loss = total_divergence(beta, all, product(w, h));
    CHECK(model.trace()[static_cast<std::size_t>(i)].iteration == i);
    CHECK(model.trace()[static_cast<std::size_t>(i)].cost.loss == Approx(loss).epsilon(1e-11));
    CHECK(model.trace()[static_cast<std::size_t>(i)].cost.reconstruction_error ==
          Approx(std::sqrt(2 * loss)).epsilon(1e-11));
    if (i == iterations) break;
    if (order == Order::w_first) move_w(beta, all, w, h);
    move_h(beta, all, w, h);
    if (order == Order::h_first) move_w(beta, all, w, h);
  }
  CHECK(relative_difference<double>(Comm::self(), w.view(), model.w()) < 1e-11);
  const Matrix<double> components = model.components();
  CHECK(relative_difference<double>(Comm::self(), h.view(), components.view()) < 1e-11);
}

/// A loss that counts for how many panels V H' (or its like) was asked for.
class CountingLoss final : public PanelLoss<double> {
 public:
  explicit CountingLoss(double beta)
      : PanelLoss<double>(facts_of({beta}).offers), loss_(make_loss<double>({beta})) {}
  PanelRoom room(const PanelSizes& sizes, Index k) const override { return loss_->room(sizes, k); }
  Statistics<double> gather_w(const PanelRows<double>& rows, const FixedH<double>& h,
                              PanelScratch<double>& scratch, PanelCost* cost, bool again) const override {
    ++panels;
    return loss_->gather_w(rows, h, scratch, cost, again);
  }
  void gather_h(const PanelRows<double>& rows, const FixedH<double>& h, PanelScratch<double>& scratch,
                const GatheredSums<double>& sums, PanelCost* cost) const override {
    loss_->gather_h(rows, h, scratch, sums, cost);
  }
  void gather_small(ConstMatrixView<double> w, PanelScratch<double>& scratch,
                    const GatheredSums<double>& sums) const override {
    loss_->gather_small(w, scratch, sums);
  }
  mutable int panels = 0;

 private:
  std::unique_ptr<PanelLoss<double>> loss_;
};

}  // namespace

TEST_CASE("A walk that gathers sums alone leaves out what moves W, and its sums are the same", "[solver]") {
  const DataMatrix<double> v = spread(Comm::self(), random_matrix<double>(300, 23, 1, 0), false);
  SharedH<double> h(23, 4);
  const Matrix<double> first = random_matrix<double>(300, 4, 2, 0), tall = random_matrix<double>(23, 4, 3, 0);
  auto w = Matrix<double>::padded(300, 4);
  for (Index i = 0; i < 300; ++i) std::copy_n(first.row(i), 4, w.row(i));
  for (Index j = 0; j < 23; ++j) std::copy_n(tall.row(j), 4, h.ht().row(j));
  h.refresh();
  for (const double beta : {2.0, 1.0, 0.5}) {
    INFO("beta " << beta);
    const CountingLoss loss(beta);
    Sweep<double> sweep(v, loss, 4);
    Sums<double> alone = sweep.make_sums(), before = sweep.make_sums(), after = sweep.make_sums();
    sweep.gather(h.fixed(), w.view(), alone, CostOf::nothing);
    CHECK(loss.panels == 0);
    sweep.gather(h.fixed(), w.view(), before, CostOf::pair_before);
    CHECK(loss.panels > 0);
    sweep.gather(h.fixed(), w.view(), after, CostOf::pair_after);
    for (Sums<double>* sums : {&alone, &before, &after}) sums->sum_over(Comm::self());
    for (Index j = 0; j < 23; ++j) {
      for (Index c = 0; c < 4; ++c)
        CHECK(alone.of(Statistic::numerator)(j, c) == before.of(Statistic::numerator)(j, c));
    }
    CHECK(alone.total_cost().loss == 0);
    CHECK(before.total_cost().loss > 0);
    CHECK(after.total_cost().loss == Approx(before.total_cost().loss).epsilon(1e-12));
  }
}

TEST_CASE("Every loss and order agrees with plain loops", "[solver]") {
  for (double beta : {2.0, 1.0, 0.0, 0.5, 1.5, 3.0, -1.0}) {
    for (Order order : {Order::w_first, Order::h_first}) {
      for (bool sparse : {false, true}) compare_with_brute_force(beta, order, sparse);
    }
  }
}

TEST_CASE("The mean row norm is that of the pair in the same row of the trace", "[solver]") {
  const Matrix<double> all = random_matrix<double>(19, 11, 4, 0.3);
  const Matrix<double> w0 = random_matrix<double>(19, 3, 5, 0), h0 = random_matrix<double>(3, 11, 6, 0);
  for (Order order : {Order::w_first, Order::h_first}) {
    for (Index iterations : {0, 1, 2, 7}) {
      Nmf<double> model(options_for(2, order, 3, iterations));
      model.fit(spread(Comm::self(), all, false), w0.view(), h0.view());
      const Matrix<double> h = model.components(), x = model.inverse_transform(model.w());
      double norms = 0;
      for (Index i = 0; i < 19; ++i) {
        double square = 0;
        for (Index j = 0; j < 11; ++j) square += (all(i, j) - x(i, j)) * (all(i, j) - x(i, j));
        norms += std::sqrt(square);
      }
      CHECK(model.cost().mean_row_norm == Approx(norms / 19).epsilon(1e-12));
      CHECK(model.trace().back().iteration == iterations);
    }
  }
}

TEST_CASE("A trace every so many iterations holds the first, those and the last", "[solver]") {
  const Matrix<double> all = random_matrix<double>(19, 11, 4, 0.3);
  for (double beta : {2.0, 1.0}) {
    for (Order order : {Order::w_first, Order::h_first}) {
      Options options = options_for(beta, order, 3, 11);
      options.trace_every = 4;
      Nmf<double> model(options);
      model.fit(spread(Comm::self(), all, true));
      std::vector<Index> iterations;
      for (const TraceRow& row : model.trace()) {
        iterations.push_back(row.iteration);
        CHECK(std::isfinite(row.cost.loss));
        CHECK(std::isfinite(row.cost.mean_row_norm) == (beta == 2));
      }
      CHECK(iterations == std::vector<Index>{0, 4, 8, 11});
    }
  }
}

TEST_CASE("At the exact factors the relative error is rounding, not its square root", "[solver]") {
  for (bool sparse : {false, true}) {
    for (Order order : {Order::w_first, Order::h_first}) {
      const Matrix<double> w0 = random_matrix<double>(50, 4, 7, 0.5), h0 = random_matrix<double>(4, 30, 8, 0.5);
      const DataMatrix<double> v = spread(Comm::self(), product(w0, h0), sparse);
      Nmf<double> model(options_for(2, order, 4, 20));
      model.fit(v, w0.view(), h0.view());
      for (const TraceRow& row : model.trace()) {
        CHECK(row.cost.relative_error >= 0);
        CHECK(row.cost.relative_error < 1e-12);
      }
    }
  }
}

TEST_CASE("The tolerance stops by scikit-learn's rule and never on a late loss", "[solver]") {
  const Matrix<double> all = random_matrix<double>(60, 40, 9, 0.5);
  for (double beta : {2.0, 1.0, 0.5}) {
    for (Order order : {Order::w_first, Order::h_first}) {
      Options options = options_for(beta, order, 4, 500);
      options.seed = Seed(3);
      const DataMatrix<double> v = spread(Comm::self(), all, false);
      const Nmf<double> full = std::move(Nmf<double>(options).fit(v));
      Index expected = 500;
      const double first = full.trace()[0].cost.reconstruction_error;
      for (std::size_t i = 10; i <= 500; i += 10) {
        const double before = full.trace()[i - 10].cost.reconstruction_error;
        if ((before - full.trace()[i].cost.reconstruction_error) / first >= 1e-4) continue;
        expected = static_cast<Index>(i);
        break;
      }
      REQUIRE(expected < 500);
      options.tolerance = 1e-4;
      options.stop = Stop::scikit_learn_mu;
      Nmf<double> stopped(options);
      stopped.fit(v);
      CHECK(stopped.iterations() == expected);
      CHECK(stopped.stop_reason() == StopReason::tolerance);
      CHECK(stopped.cost().loss ==
            Approx(full.trace()[static_cast<std::size_t>(expected)].cost.loss).epsilon(1e-12));
    }
  }
}

TEST_CASE("The default stops where the loss falls by less than a share of itself", "[solver]") {
  const Matrix<double> all = random_matrix<double>(60, 40, 9, 0.5);
  for (double beta : {2.0, 1.0}) {
    for (Order order : {Order::w_first, Order::h_first}) {
      Options options = options_for(beta, order, 4, 1500);
      const DataMatrix<double> v = spread(Comm::self(), all, false);
      const Nmf<double> full = std::move(Nmf<double>(options).fit(v));
      std::size_t expected = 10;
      const auto loss = [&](std::size_t i) { return full.trace()[i].cost.loss; };
      while (expected < 1500 && loss(expected - 10) - loss(expected) >= 1e-4 * loss(expected - 10)) expected += 10;
      REQUIRE(expected > 20);
      REQUIRE(expected < 1500);
      options.tolerance = 1e-4;
      const Nmf<double> stopped = std::move(Nmf<double>(options).fit(v));
      CHECK(stopped.iterations() == static_cast<Index>(expected));
      CHECK(stopped.stop_reason() == StopReason::tolerance);
    }
  }
}

TEST_CASE("A limit in seconds is kept and its last loss belongs to the factors", "[solver]") {
  const Matrix<double> all = random_matrix<double>(200, 100, 10, 0);
  for (Order order : {Order::w_first, Order::h_first}) {
    Options options = options_for(1, order, 5, 1'000'000'000);
    options.max_seconds = 0.2;
    options.trace_every = 1000;
    Nmf<double> model(options);
    model.fit(spread(Comm::self(), all, false));
    CHECK(model.stop_reason() == StopReason::max_seconds);
    CHECK(model.iterations() >= 1);
    CHECK(model.cost().loss ==
          Approx(total_divergence(1, all, model.inverse_transform(model.w()))).epsilon(1e-10));
  }
}

TEST_CASE("Zeros in the start stay 0 and never make a NaN", "[solver]") {
  const Matrix<double> all = random_matrix<double>(20, 10, 11, 0.2);
  for (double beta : {2.0, 1.0, 0.5, 1.5, 3.0}) {
    for (Order order : {Order::w_first, Order::h_first}) {
      Matrix<double> w0 = random_matrix<double>(20, 3, 12, 0), h0 = random_matrix<double>(3, 10, 13, 0);
      for (Index c = 0; c < 3; ++c) h0(c, 4) = 0;  // an all-zero column of H: x / 0
      for (Index c = 0; c < 3; ++c) w0(7, c) = 0;  // an all-zero row of W
      Nmf<double> model(options_for(beta, order, 3, 30));
      model.fit(spread(Comm::self(), all, true), w0.view(), h0.view());
      const Matrix<double> h = model.components();
      for (Index c = 0; c < 3; ++c) CHECK(h(c, 4) == 0);
      for (Index c = 0; c < 3; ++c) CHECK(model.w()(7, c) == 0);
      CHECK(std::isfinite(model.cost().loss));
      if (beta < 2) CHECK(model.zero_models() > 0);
    }
  }
}

TEST_CASE("Components that add nothing to W H are counted, in any units of V", "[solver]") {
  Matrix<double> w0 = random_matrix<double>(20, 4, 12, 0), h0 = random_matrix<double>(4, 10, 13, 0);
  for (Index i = 0; i < 20; ++i) w0(i, 1) = 0;
  for (Index j = 0; j < 10; ++j) h0(2, j) = 0;
  for (const double unit : {1e-90, 1.0, 1e90}) {
    for (const double beta : {2.0, 1.0, 0.5}) {
      INFO("beta " << beta << ", V in units of " << unit);
      Matrix<double> all = random_matrix<double>(20, 10, 11, 0.2);
      for (Index i = 0; i < 20; ++i) {
        for (Index j = 0; j < 10; ++j) all(i, j) *= unit;
      }
      Nmf<double> model(options_for(beta, Order::w_first, 4, 20));
      model.fit(spread(Comm::self(), all, true), w0.view(), h0.view());
      CHECK(model.dead_components() == 2);
      model.fit(spread(Comm::self(), all, true));
      CHECK(model.dead_components() == 0);
    }
  }
  CHECK_THROWS_AS(Nmf<double>(options_for(2, Order::w_first, 4, 20)).dead_components(), NotFitted);
}

TEST_CASE("A penalty that outweighs V leaves no component alive", "[solver]") {
  const DataMatrix<double> v = spread(Comm::self(), random_matrix<double>(20, 10, 11, 0.2), false);
  for (const char* rule : {"mu", "hals", "anls-bpp"}) {
    INFO(rule);
    Options options = options_for(2, Order::w_first, 3, 50);
    options.rule = rule;
    options.extrapolate = false;
    options.alpha_w = 1e3;
    options.l1_ratio = 1;
    Nmf<double> model(options);
    model.fit(v);
    CHECK(model.dead_components() == 3);
  }
}

namespace {

/// ||projected gradient|| / ||numerator|| of W, in plain loops.
double kkt_of_w(double beta, const Matrix<double>& v, const Matrix<double>& w, const Matrix<double>& h, double l1,
                double l2) {
  const Matrix<double> x = product(w, h);
  double projected = 0, numerators = 0;
  for (Index i = 0; i < w.rows(); ++i) {
    for (Index c = 0; c < w.columns(); ++c) {
      double numerator = 0, denominator = l1 + l2 * w(i, c);
      for (Index j = 0; j < v.columns(); ++j) {
        numerator += v(i, j) * std::pow(x(i, j), beta - 2) * h(c, j);
        denominator += std::pow(x(i, j), beta - 1) * h(c, j);
      }
      const double slope = denominator - numerator;
      projected += std::pow(w(i, c) > 0 ? slope : std::min(slope, 0.0), 2);
      numerators += numerator * numerator;
    }
  }
  return std::sqrt(projected / numerators);
}

}  // namespace

TEST_CASE("The KKT residual is that of plain loops, with any number of threads", "[solver]") {
  const Index m = 150, n = 131, k = 9;  // more than two blocks of each, and odd ones at the end
  const Matrix<double> all = random_matrix<double>(m, n, 21, 0.3);
  for (const double beta : {2.0, 1.0, 0.5}) {
    for (const bool sparse : {false, true}) {
      INFO("beta " << beta << (sparse ? ", sparse" : ", dense"));
      Options options = options_for(beta, Order::w_first, k, 3);
      options.alpha_w = 0.002;
      options.alpha_h = 0.001;
      options.l1_ratio = 0.25;
      for (const int threads : {1, 3}) {
        options.threads = threads;
        Nmf<double> model(options);
        Matrix<double> w0 = random_matrix<double>(m, k, 22, 0), h0 = random_matrix<double>(k, n, 23, 0);
        w0(3, 2) = h0(1, 7) = 0;
        model.fit(spread(Comm::self(), all, sparse), w0.view(), h0.view());
        const Matrix<double> h = model.components();
        Matrix<double> w(m, k);
        for (Index i = 0; i < m; ++i) std::copy_n(model.w().row(i), k, w.row(i));
        const double l1 = 0.25, l2 = 0.75;
        CHECK(model.kkt_w() == Approx(kkt_of_w(beta, all, w, h, 0.002 * n * l1, 0.002 * n * l2)).epsilon(1e-9));
        CHECK(model.kkt_h() ==
              Approx(kkt_of_w(beta, transposed(all), transposed(h), transposed(w), 0.001 * m * l1, 0.001 * m * l2))
                  .epsilon(1e-9));
      }
    }
  }
}

TEST_CASE("A model is worth the same with any number of threads, and by one loss alone", "[solver]") {
  const Matrix<double> all = random_matrix<double>(300, 40, 31, 0.3), w = random_matrix<double>(300, 4, 32, 0),
                       ht = random_matrix<double>(40, 4, 33, 0);
  const DataMatrix<double> v = spread(Comm::self(), all, true);
  for (const double beta : {2.0, 1.0, 0.5, 0.0}) {
    INFO("beta " << beta);
    const Loss loss{beta};
    const Evaluation one = evaluate<double>(v, w.view(), ht.view(), loss),
                     three = evaluate<double>(v, w.view(), ht.view(), loss, 3);
    CHECK(three.relative_error == Approx(one.relative_error).epsilon(1e-12));
    CHECK(three.kkt_w == Approx(one.kkt_w).epsilon(1e-12));
    CHECK(three.kkt_h == Approx(one.kkt_h).epsilon(1e-12));
    const Cost cost = cost_of<double>(v, w.view(), ht.view(), loss, 3);
    for (const auto& value : one.losses) {
      if (value.name != loss.name() || !value.why_not.empty()) continue;
      CHECK(cost.loss == Approx(value.loss).epsilon(1e-12));
      CHECK(cost.reconstruction_error == Approx(value.reconstruction_error).epsilon(1e-12));
    }
    CHECK(std::isnan(cost.loss) == (beta == 0));  // V has zeros
    CHECK(std::isnan(cost.relative_error) == (beta != 2));
  }
}

TEST_CASE("Positive entries are held above denormals", "[solver]") {
  Matrix<float> all(2, 2);
  all(0, 0) = all(1, 1) = 1;
  Matrix<float> w0(2, 2), h0(2, 2);
  w0(0, 0) = w0(1, 1) = h0(0, 0) = h0(1, 1) = 1;
  w0(0, 1) = w0(1, 0) = h0(0, 1) = h0(1, 0) = 1e-3F;
  Options options = options_for(2, Order::w_first, 2, 500);
  Nmf<float> model(options);
  model.fit(spread(Comm::self(), all, false), w0.view(), h0.view());
  for (Index i = 0; i < 2; ++i) {
    for (Index c = 0; c < 2; ++c) CHECK(model.w()(i, c) >= std::numeric_limits<float>::min());
  }
}

TEST_CASE("zero_below sets small entries to 0 where scikit-learn does", "[solver]") {
  const Matrix<double> all = random_matrix<double>(20, 10, 14, 0.6);
  for (double beta : {1.0, 0.5}) {
    Options options = options_for(beta, Order::w_first, 4, 50);
    options.zero_below = 0.05;
    Nmf<double> model(options);
    model.fit(spread(Comm::self(), all, false));
    Index small_w = 0, small_h = 0;
    const Matrix<double> h = model.components();
    for (Index i = 0; i < 20; ++i) {
      for (Index c = 0; c < 4; ++c) small_w += model.w()(i, c) > 0 && model.w()(i, c) < 0.05 ? 1 : 0;
    }
    for (Index c = 0; c < 4; ++c) {
      for (Index j = 0; j < 10; ++j) small_h += h(c, j) > 0 && h(c, j) < 0.05 ? 1 : 0;
    }
    CHECK(small_h == 0);
    CHECK((small_w == 0) == (beta < 1));
  }
  for (double beta : {1.5, 2.0, 3.0}) {
    Options options = options_for(beta, Order::w_first, 4, 50);
    options.zero_below = 0.05;
    CHECK_THROWS_WITH(options.check(), Contains("--zero-below"));
  }
}

TEST_CASE("The front door speaks scikit-learn's words and throws its own errors", "[solver]") {
  const Matrix<double> all = random_matrix<double>(30, 12, 15, 0.2);
  const DataMatrix<double> v = spread(Comm::self(), all, false);
  Options options;
  options.components = 3;
  Nmf model(options);
  CHECK_THROWS_AS(model.components(), NotFitted);
  CHECK_THROWS_AS(model.transform(v), NotFitted);
  CHECK_THROWS_AS(model.reconstruction_error(), NotFitted);
  const Matrix<double> w = model.fit_transform(v);
  CHECK(w.rows() == 30);
  CHECK(w.columns() == 3);
  CHECK(model.components().rows() == 3);
  CHECK(model.components().columns() == 12);
  CHECK(model.inverse_transform(w.view()).columns() == 12);
  CHECK(model.transform(v).rows() == 30);

  const DataMatrix<double> other = spread(Comm::self(), random_matrix<double>(5, 7, 16, 0), false);
  CHECK_THROWS_AS(model.transform(other), ShapeMismatch);
  try {
    model.transform(other);
  } catch (const ShapeMismatch& error) {
    CHECK(std::string(error.what()).find("7 columns") != std::string::npos);
    CHECK(std::string(error.what()).find("12") != std::string::npos);
  }
  try {
    for (const char* name : {"frobenius", "Frobenius", "fro", "euclidean", "2"})
      CHECK(Loss::parse(name).beta == 2);
    for (const char* name : {"kullback-leibler", "kullback_leibler", "KL", "kl", "1.0"}) {
      CHECK(Loss::parse(name).name() == "kullback-leibler");
    }
    for (const char* name : {"itakura-saito", "IS", "is", "0"}) CHECK(Loss::parse(name).name() == "itakura-saito");
    CHECK_THROWS_AS(Loss::parse(""), UsageError);
    Loss::parse("hinge");
    FAIL("an unknown loss was taken");
  } catch (const UsageError& error) {
    CHECK(std::string(error.what()).find("kullback-leibler") != std::string::npos);
  }
  options.rule = "newton";
  try {
    Nmf wrong(options);
    FAIL("an unknown rule was taken");
  } catch (const UsageError& error) {
    CHECK(std::string(error.what()).find("mu") != std::string::npos);
  }
  options.rule = "mu";
  options.components = 0;
  CHECK_THROWS_AS(Nmf(options), UsageError);
}

TEST_CASE("Itakura-Saito refuses zeros and says where and what to do", "[solver]") {
  Matrix<double> all = random_matrix<double>(6, 5, 17, 0);
  all(4, 2) = 0;
  for (bool sparse : {false, true}) {
    try {
      Nmf<double>(options_for(0, Order::w_first, 2, 10)).fit(spread(Comm::self(), all, sparse));
      FAIL("zeros were taken");
    } catch (const BadData& error) {
      const std::string text = error.what();
      CHECK(text.find("row 4, column 2") != std::string::npos);
      CHECK(text.find("kullback-leibler") != std::string::npos);
      CHECK(text.find("constant") != std::string::npos);
    }
  }
}

TEST_CASE("A loss does not depend on the scale of V", "[solver]") {
  // divergences scale with c^beta; the start by the law `random` and the stop follow
  const Matrix<double> all = random_matrix<double>(60, 50, 18, 0.3);
  for (double beta : {2.0, 1.0, 0.5}) {
    for (double scale : {1e-9, 1e8}) {
      Matrix<double> scaled = all.copy();
      for (Index i = 0; i < 60; ++i) {
        for (Index j = 0; j < 50; ++j) scaled(i, j) *= scale;
      }
      Options options = options_for(beta, Order::w_first, 4, 200);
      options.tolerance = 1e-4;
      Nmf<double> one(options), other(options);
      one.fit(spread(Comm::self(), all, true));
      other.fit(spread(Comm::self(), scaled, true));
      CHECK(one.iterations() == other.iterations());
      CHECK(other.cost().loss == Approx(one.cost().loss * std::pow(scale, beta)).epsilon(1e-8));
    }
  }
}

TEST_CASE("Single precision follows double over many orders of magnitude", "[solver]") {
  Matrix<double> all = random_matrix<double>(60, 50, 19, 0);
  for (Index i = 0; i < 10; ++i) {
    for (Index j = 0; j < 50; ++j) all(i, j) *= 1e-12;
  }
  Matrix<float> rounded(60, 50);
  for (Index i = 0; i < 60; ++i) {
    for (Index j = 0; j < 50; ++j) rounded(i, j) = static_cast<float>(all(i, j));
  }
  for (double beta : {0.0, -1.0, 0.5, 1.0, 3.0}) {
    Nmf<double> one(options_for(beta, Order::w_first, 4, 50));
    Nmf<float> other(options_for(beta, Order::w_first, 4, 50));
    one.fit(spread(Comm::self(), all, false));
    other.fit(spread(Comm::self(), rounded, false));
    INFO("beta " << beta);
    CHECK(other.cost().loss == Approx(one.cost().loss).epsilon(1e-3));
  }
}

TEST_CASE("A fit goes on from its own factors", "[solver]") {
  const DataMatrix<double> v = spread(Comm::self(), random_matrix<double>(40, 20, 20, 0.3), false);
  Nmf<double> whole(options_for(2, Order::w_first, 3, 30)), parts(options_for(2, Order::w_first, 3, 15));
  whole.fit(v);
  parts.fit(v);
  parts.fit(v, parts.w(), parts.components().view());
  CHECK(parts.cost().loss == Approx(whole.cost().loss).epsilon(1e-12));
}

TEST_CASE("Padded rows and malformed compressed rows of a caller", "[solver]") {
  const Matrix<double> all = random_matrix<double>(20, 10, 21, 0);
  Matrix<double> padded = Matrix<double>::padded(20, 10);
  for (Index i = 0; i < 20; ++i) std::copy_n(all.row(i), 10, padded.row(i));
  const DataMatrix<double> v = DataMatrix<double>::from_rows(Comm::self(), std::move(padded));
  for (double beta : {2.0, 1.0, 0.0}) {
    Nmf<double> one(options_for(beta, Order::w_first, 3, 10)), other(options_for(beta, Order::w_first, 3, 10));
    one.fit(spread(Comm::self(), all, false));
    other.fit(v);
    CHECK(one.cost().loss == other.cost().loss);
  }
  CsrRows<double> rows = compressed(all);
  rows.values.pop_back();
  CHECK_THROWS_AS(DataMatrix<double>::from_rows(Comm::self(), rows), BadData);
  rows = compressed(all);
  rows.offsets[3] = 1000;
  CHECK_THROWS_AS(DataMatrix<double>::from_rows(Comm::self(), rows), BadData);
}

TEST_CASE("Entries whose squares leave the range of numbers are refused", "[solver]") {
  for (double size : {1e200, 1e-200}) {
    Matrix<double> all(3, 3);
    for (Index i = 0; i < 3; ++i) {
      for (Index j = 0; j < 3; ++j) all(i, j) = size;
    }
    CHECK_THROWS_AS(spread(Comm::self(), all, false), BadData);
  }
  Matrix<float> all(3, 3);
  all(1, 1) = 1e-20F;
  CHECK_THROWS_WITH(spread(Comm::self(), all, false), Contains("--precision double"));
}

namespace {

/// The W that is best for H: multiplicative updates in long double until they move nothing.
Matrix<double> best_w(long double beta, const Matrix<double>& v, const Matrix<double>& h) {
  const Index k = h.rows(), n = v.columns();
  Matrix<double> w(v.rows(), k);
  std::vector<long double> row(static_cast<std::size_t>(k)), powers(static_cast<std::size_t>(n)),
      weights(powers.size());
  for (Index i = 0; i < v.rows(); ++i) {
    std::fill(row.begin(), row.end(), 1.0L);
    for (int step = 0; step < 20000; ++step) {
      for (Index j = 0; j < n; ++j) {
        long double x = 0;
        for (Index c = 0; c < k; ++c) x += row[static_cast<std::size_t>(c)] * h(c, j);
        const auto at = static_cast<std::size_t>(j);
        powers[at] = beta == 1 ? 1 : std::sqrt(x);
        weights[at] = v(i, j) * powers[at] / x;
      }
      for (Index c = 0; c < k; ++c) {
        long double numerator = 0, denominator = 0;
        for (Index j = 0; j < n; ++j) {
          numerator += weights[static_cast<std::size_t>(j)] * h(c, j);
          denominator += powers[static_cast<std::size_t>(j)] * h(c, j);
        }
        row[static_cast<std::size_t>(c)] *= numerator / denominator;
      }
    }
    for (Index c = 0; c < k; ++c) w(i, c) = static_cast<double>(row[static_cast<std::size_t>(c)]);
  }
  return w;
}

template <class T>
Matrix<T> transformed(double beta, const Matrix<T>& all, bool sparse, const Matrix<T>& h, int threads = 1,
                      double alpha = 0) {
  Options options;
  options.components = h.rows();
  options.loss = {beta};
  options.threads = threads;
  options.alpha_w = alpha;
  options.l1_ratio = 0.5;
  Nmf<T> model(options);
  model.set_components(h.view());
  TransformRecord record;
  Matrix<T> w = model.transform(spread(Comm::self(), all, sparse), &record);
  CHECK(record.unconverged == 0);
  return w;
}

/// Rows of small counts, many of them 0.
template <class T>
Matrix<T> counts(Index m, Index n, unsigned seed) {
  Matrix<T> all = random_matrix<T>(m, n, seed, 0.5);
  for (Index i = 0; i < m; ++i) {
    for (Index j = 0; j < n; ++j) all(i, j) = std::floor(8 * all(i, j) * all(i, j));
    all(i, i % n) += 1;
  }
  return all;
}

template <class T>
bool same_row(const Matrix<T>& one, Index i, const Matrix<T>& other, Index j) {
  return std::equal(one.row(i), one.row(i) + one.columns(), other.row(j));
}

}  // namespace

TEMPLATE_TEST_CASE("transform: a row of W depends on its row of V and H alone, bit by bit", "[solver]", float,
                   double) {
  using T = TestType;
  const Index n = 40, k = 5, row = 3;
  const Matrix<T> h = random_matrix<T>(k, n, 31, 0.3);
  for (const double beta : {2.0, 1.0, 1.5, 0.5, 0.0, 3.0}) {
    Matrix<T> all = counts<T>(200, n, 32);
    for (Index i = 0; i < all.rows(); ++i) {
      for (Index j = 0; j < n; ++j) all(i, j) += beta > 0 ? T(0) : T(0.25);
    }
    Matrix<T> same(10, n), one(1, n);
    for (Index i = 0; i < 10; ++i) std::copy_n(all.row(row), n, same.row(i));
    std::copy_n(all.row(row), n, one.row(0));
    for (const bool sparse : {false, true}) {
      for (const double alpha : {0.0, 1e-3}) {
        INFO("beta " << beta << (sparse ? ", sparse" : ", dense") << ", alpha " << alpha);
        const Matrix<T> alone = transformed(beta, one, sparse, h, 1, alpha);
        const Matrix<T> together = transformed(beta, same, sparse, h, 1, alpha);
        for (Index i = 0; i < 10; ++i) CHECK(same_row(together, i, alone, 0));
        CHECK(same_row(transformed(beta, all, sparse, h, 1, alpha), row, alone, 0));
        CHECK(same_row(transformed(beta, all, sparse, h, 3, alpha), row, alone, 0));
      }
    }
  }
}

TEST_CASE("transform comes to the optimum where there is one", "[solver]") {
  const Index n = 40, k = 5;
  const Matrix<double> h = random_matrix<double>(k, n, 33, 0.3), all = counts<double>(8, n, 34);
  for (const double beta : {1.0, 1.5}) {
    const Matrix<double> best = best_w(beta, all, h);
    double largest = 0;
    for (Index i = 0; i < best.rows(); ++i)
      largest = std::max(largest, *std::max_element(best.row(i), best.row(i) + k));
    for (const bool sparse : {false, true}) {
      const Matrix<double> w = transformed(beta, all, sparse, h);
      double difference = 0;
      for (Index i = 0; i < best.rows(); ++i) {
        for (Index c = 0; c < k; ++c) difference = std::max(difference, std::fabs(w(i, c) - best(i, c)));
      }
      INFO("beta " << beta << (sparse ? ", sparse" : ", dense"));
      CHECK(difference <= 1e-6 * largest);
    }
  }
}

TEST_CASE("transform meets its start where it is given, and ends at a stationary point for every loss",
          "[solver]") {
  const Index n = 30, k = 4;
  const Matrix<double> h = random_matrix<double>(k, n, 35, 0.2), all = random_matrix<double>(20, n, 36, 0);
  const DataMatrix<double> v = spread(Comm::self(), all, false);
  for (const double beta : {1.0, 1.5, 0.5, 0.0, -1.0, 2.5, 3.0}) {
    Options options = options_for(beta, Order::w_first, k, 0);
    options.tolerance = 1e-9;
    Nmf<double> model(options);
    model.set_components(h.view());
    TransformRecord record;
    const Matrix<double> w = model.transform(v, &record);
    INFO("beta " << beta);
    CHECK(record.stop_reason == StopReason::tolerance);
    CHECK(evaluate<double>(v, w.view(), transposed(h).view(), {beta}).kkt_w < 1e-7);
    const Index steps = record.iterations;
    const Matrix<double> again = model.transform(v, w.view(), &record);
    CHECK(relative_difference<double>(Comm::self(), w.view(), again.view()) < 1e-7);
    CHECK(record.iterations < steps);
    const Matrix<double> impossible(20, k);  // W = 0: no start for entries > 0
    CHECK(relative_difference<double>(Comm::self(), w.view(), model.transform(v, impossible.view()).view()) == 0);
  }
}

TEST_CASE("transform of what has nothing to say", "[solver]") {
  Matrix<double> h = random_matrix<double>(3, 12, 37, 0.2), all = random_matrix<double>(8, 12, 38, 0.2);
  for (Index j = 0; j < 12; ++j) h(1, j) = all(2, j) = 0;  // a component and a row of zeros
  for (Index c = 0; c < 3; ++c) h(c, 5) = 0;               // a feature that no component has
  for (const double beta : {1.0, 1.5, 0.5}) {
    for (const bool sparse : {false, true}) {
      const Matrix<double> w = transformed(beta, all, sparse, h);
      for (Index i = 0; i < 8; ++i) CHECK(w(i, 1) == 0);
      for (Index c = 0; c < 3; ++c) CHECK(w(2, c) == 0);
      for (Index i = 0; i < 8; ++i) CHECK((i == 2 || w(i, 0) + w(i, 2) > 0));
      // so large a penalty that what is best is all but 0
      const Matrix<double> pressed = transformed(beta, all, sparse, h, 1, 1e6);
      for (Index i = 0; i < 8; ++i) CHECK(pressed(i, 0) + pressed(i, 2) <= 1e-3 * (w(i, 0) + w(i, 2)));
    }
  }
}

TEST_CASE("transform says how it ended", "[solver]") {
  const DataMatrix<double> v = spread(Comm::self(), random_matrix<double>(100, 20, 22, 0.2), false);
  Options options = options_for(1, Order::w_first, 3, 3);  // of fit alone, as the seconds
  options.tolerance = 1e-4;
  options.max_seconds = 1e-9;
  Nmf<double> model(options);
  model.fit(v);
  TransformRecord record;
  model.transform(v, &record);
  CHECK(record.stop_reason == StopReason::tolerance);
  CHECK(record.iterations > 3);
  CHECK(record.unconverged == 0);
  options.loss = {2};
  Nmf<double> exact(options);
  exact.set_components(model.components().view());
  exact.transform(v, &record);
  CHECK(record.stop_reason == StopReason::exact);
  CHECK(record.iterations == 1);
}

TEST_CASE("A tolerance met at the last permitted iteration is the reason", "[solver]") {
  for (Order order : {Order::w_first, Order::h_first}) {
    Options options = options_for(2, order, 3, 10);
    options.tolerance = 0.9;
    Nmf<double> model(options);
    model.fit(spread(Comm::self(), random_matrix<double>(30, 20, 23, 0), false));
    CHECK(model.stop_reason() == StopReason::tolerance);
  }
}

TEMPLATE_TEST_CASE("Denormal entries count as the zeros that a sweep reads", "[solver]", float, double) {
  using T = TestType;
  for (const bool sparse : {false, true}) {
    Matrix<T> zero = random_matrix<T>(30, 12, 41, 0), tiny(30, 12);
    zero(3, 4) = 0;
    for (Index i = 0; i < 30; ++i) std::copy_n(zero.row(i), 12, tiny.row(i));
    tiny(3, 4) = std::numeric_limits<T>::min() / 4;
    const DataMatrix<T> v = spread(Comm::self(), tiny, sparse), other = spread(Comm::self(), zero, sparse);
    CHECK(v.summary().flushed == 1);
    CHECK(v.summary().nonzeros == 30 * 12 - 1);
    CHECK(v.summary().minimum == 0);
    REQUIRE(v.summary().first_zero);
    CHECK((v.summary().first_zero->row == 3 && v.summary().first_zero->column == 4));
    for (const double beta : {0.0, -1.0}) {
      Nmf<T> model(options_for(beta, Order::w_first, 3, 20));
      CHECK_THROWS_WITH(model.fit(v), Contains("row 3, column 4") && Contains("least normal number"));
      model.set_components(random_matrix<T>(3, 12, 42, 0).view());
      CHECK_THROWS_WITH(model.transform(v), Contains("row 3, column 4"));
    }
    for (const double beta : {2.0, 1.0, 0.5}) {
      Nmf<T> model(options_for(beta, Order::w_first, 3, 20)), wanted(options_for(beta, Order::w_first, 3, 20));
      model.fit(v);
      wanted.fit(other);
      CHECK(model.cost().loss == Approx(wanted.cost().loss).epsilon(sizeof(T) == 4 ? 1e-5 : 1e-11));
    }
  }
  Matrix<T> nothing_else(3, 3);
  nothing_else(1, 2) = std::numeric_limits<T>::min() / 2;
  CHECK_THROWS_AS(spread(Comm::self(), nothing_else, false), BadData);
}

TEST_CASE("The KKT residual does not depend on the scale of V, nor do its squares leave the range of numbers",
          "[solver]") {
  const Matrix<double> all = random_matrix<double>(40, 15, 44, 0.1);
  double wanted = 0;
  for (const double scale : {1.0, 1e-150, 1e-100, 1e100, 1e150}) {
    Matrix<double> scaled = all.copy();
    for (Index i = 0; i < 40; ++i) {
      for (Index j = 0; j < 15; ++j) scaled(i, j) *= scale;
    }
    Nmf<double> model(options_for(2, Order::w_first, 3, 20));
    model.fit(spread(Comm::self(), scaled, false));
    if (scale == 1) wanted = model.kkt_w() + model.kkt_h();
    INFO("scale " << scale);
    CHECK(model.kkt_w() + model.kkt_h() == Approx(wanted).epsilon(1e-6));
  }
}

TEST_CASE("Betas whose powers of V leave the range of numbers are refused", "[solver]") {
  Matrix<double> all = random_matrix<double>(20, 10, 43, 0);
  for (const double beta : {1e9, -1e9, 1e6}) {
    Nmf<double> model(options_for(beta, Order::w_first, 3, 20));
    CHECK_THROWS_WITH(model.fit(spread(Comm::self(), all, false)), Contains("powers") && Contains("rescale"));
  }
  all(2, 2) = 1e30;
  for (const double beta : {10.0, 12.0}) {
    Nmf<double> model(options_for(beta, Order::w_first, 3, 20));
    CHECK_THROWS_AS(model.fit(spread(Comm::self(), all, false)), BadData);
  }
  Matrix<float> single = random_matrix<float>(20, 10, 43, 0);
  single(2, 2) = 1e6F;
  Nmf<float> model(options_for(7, Order::w_first, 3, 20));
  CHECK_THROWS_WITH(model.fit(spread(Comm::self(), single, false)), Contains("--precision double"));
}

TEST_CASE("What is minimised is a finite number, or an error", "[solver]") {
  // all of V is 1, so its powers are, too; those of W H are not
  Matrix<double> all(8, 6), w0(8, 2), h0(2, 6);
  for (Index i = 0; i < 8; ++i) {
    for (Index j = 0; j < 6; ++j) all(i, j) = 1;
    for (Index c = 0; c < 2; ++c) w0(i, c) = 3;
  }
  for (Index c = 0; c < 2; ++c) {
    for (Index j = 0; j < 6; ++j) h0(c, j) = 2;
  }
  const DataMatrix<double> v = spread(Comm::self(), all, false);
  for (const Index iterations : {0, 1, 30}) {
    for (const Order order : {Order::w_first, Order::h_first}) {
      Nmf<double> model(options_for(700, order, 2, iterations));
      CHECK_THROWS_WITH(model.fit(v, w0.view(), h0.view()), Contains("not a finite number"));
    }
  }
  for (const double beta : {2.0, 1.0, 3.0}) {
    Matrix<double> huge = w0.copy();
    huge(5, 1) = 1e300;
    Matrix<double> ht = transposed(h0);
    ht(3, 1) = 1e300;
    CHECK_THROWS_AS(evaluate<double>(v, huge.view(), ht.view(), {beta}), BadData);
  }
}

TEST_CASE("Factors that overflow are an error, not a NaN", "[solver]") {
  Matrix<float> all(3, 3), w0(3, 2), h0(2, 3);
  for (Index i = 0; i < 3; ++i) {
    for (Index j = 0; j < 3; ++j) all(i, j) = 3e38F;
    for (Index c = 0; c < 2; ++c) w0(i, c) = h0(c, i) = 3e38F;
  }
  Nmf<float> model(options_for(2, Order::w_first, 2, 10));
  CHECK_THROWS_AS(model.fit(spread(Comm::self(), all, false), w0.view(), h0.view()), BadData);
}
