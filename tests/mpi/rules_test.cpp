// Every rule through whole fits: monotone, the same for any number of ranks, stationary where it stops.
#include <algorithm>

#include "catch.hpp"
#include "mpi_support.hpp"
#include "mpinmf/nmf.hpp"
#include "rules/rule.hpp"

using namespace mpinmf;

namespace {

struct Way {
  std::string rule;
  bool extrapolated;
};

/// Every rule for the Frobenius loss, plain and, where it may be, extrapolated.
std::vector<Way> ways() {
  std::vector<Way> all;
  for (const std::string& name : rule_names()) {
    const Rule<double>& rule = find_rule<double>(name);
    if (!fits(rule, facts_of({2}))) continue;
    all.push_back({name, false});
    if (rule.extrapolates == Extrapolated::both_factors) all.push_back({name, true});
  }
  return all;
}

Options options_for(const Way& way, Index k, Index iterations) {
  Options options = fixed_options(k, 2, Order::w_first, iterations);
  options.rule = way.rule;
  options.extrapolate = way.extrapolated;
  options.final_w = false;
  options.start = Start::random;
  return options;
}

template <class T>
Matrix<T> rounded(const Matrix<double>& x) {
  Matrix<T> result(x.rows(), x.columns());
  for (Index i = 0; i < x.rows(); ++i) {
    for (Index j = 0; j < x.columns(); ++j) result(i, j) = static_cast<T>(x(i, j));
  }
  return result;
}

template <class T>
Nmf<T> fitted(const DataMatrix<T>& v, const Options& options) {
  Nmf<T> model(options);
  model.fit(v);
  return model;
}

/// No loss rises above those before by more than rounding. Extrapolated runs do not know small ones, but that of
/// the pair they return.
template <class T>
void check_falling(const Nmf<T>& model, double sum_squares) {
  const double rounding = 64 * static_cast<double>(std::numeric_limits<T>::epsilon()) * sum_squares;
  double before = model.trace().front().cost.loss;
  CHECK(std::isfinite(before));
  for (const TraceRow& row : model.trace()) {
    if (std::isnan(row.cost.loss) && *model.options().extrapolate) continue;
    CHECK(row.cost.loss <= before + rounding);
    before = row.cost.loss;
  }
  CHECK(model.cost().loss <= before + rounding);
}

template <class T>
void compare_with_one_rank(const Matrix<double>& all, bool sparse, const Way& way, Order order, double alpha = 0) {
  INFO(way.rule << (way.extrapolated ? ", extrapolated" : "") << (sparse ? ", sparse" : ", dense") << ", "
                << sizeof(T) << " bytes" << (order == Order::h_first ? ", H first" : "") << ", alpha " << alpha);
  // a step length of projected-gradient is the outcome of comparisons, where rounding decides some of them
  const bool jumps = way.rule == "projected-gradient";
  Options options = options_for(way, 4, jumps ? 3 : 12);
  options.order = order;
  options.alpha_w = alpha;
  options.l1_ratio = 0.5;
  const DataMatrix<T> v = spread(world(), rounded<T>(all), sparse),
                      own = spread(Comm::self(), rounded<T>(all), sparse);
  const Nmf<T> spread_out = fitted(v, options), alone = fitted(own, options);
  const double tolerance = sizeof(T) == 8 ? 1e-10 : jumps ? 0.1 : 2e-3;
  CHECK(spread_out.cost().loss == Approx(alone.cost().loss).epsilon(tolerance));
  CHECK(relative_difference<T>(Comm::self(), alone.ht(), spread_out.ht()) < tolerance);
  CHECK(relative_difference<T>(world(), alone.w().middle_rows(v.first_row(), v.rows_local()), spread_out.w()) <
        tolerance);
  if (alpha == 0) check_falling(spread_out, v.summary().sum_squares);
}

/// Planted factors and noise: a minimum that is found, and then the noise of the loss.
Matrix<double> planted(Index m, Index n, Index k, double noise) {
  const Matrix<double> w = random_matrix<double>(m, k, 41, 0.3), h = random_matrix<double>(k, n, 42, 0.3),
                       e = random_matrix<double>(m, n, 43, 0);
  Matrix<double> all(m, n);
  for (Index i = 0; i < m; ++i) {
    for (Index j = 0; j < n; ++j) {
      for (Index c = 0; c < k; ++c) all(i, j) += w(i, c) * h(c, j);
      all(i, j) += noise * e(i, j);
    }
  }
  return all;
}

}  // namespace

TEST_CASE("Extrapolation holds where the fall of the loss is less than its noise", "[rules]") {
  const Matrix<double> all = planted(90, 117, 4, 1e-2);
  const DataMatrix<double> v = spread(world(), all, false), own = spread(Comm::self(), all, false);
  for (const Way& way : ways()) {
    if (!way.extrapolated) continue;
    INFO(way.rule);
    // which iterations are plain there is the noise's choice, but any number of ranks has the same loss
    const Nmf<double> there = fitted(v, options_for(way, 4, 600)), alone = fitted(own, options_for(way, 4, 600));
    CHECK(relative_difference<double>(Comm::self(), alone.ht(), there.ht()) < 1e-5);
    // to its noise, which is of the size of epsilon ||V||^2: the loss is a millionth of that square
    CHECK(there.cost().loss == Approx(alone.cost().loss).epsilon(1e-9));
    // and goes on to the same minimum, to the tolerance asked for
    Options options = options_for(way, 4, 5000);
    options.stop = Stop::projected_gradient;
    options.tolerance = 1e-10;
    const Nmf<double> stopped = fitted(v, options);
    CHECK(stopped.stop_reason() == StopReason::tolerance);
    CHECK(std::max(stopped.kkt_w(), stopped.kkt_h()) < 1e-9);
    CHECK(relative_difference<double>(Comm::self(), fitted(own, options).ht(), stopped.ht()) < 1e-5);
  }
}

TEST_CASE("Extrapolated runs in single precision end where plain ones do", "[rules]") {
  if (!is_for_long_fits()) return;
  for (const double noise : {1e-3, 1e-2}) {
    const DataMatrix<float> v = spread(world(), rounded<float>(planted(300, 200, 10, noise)), false);
    for (const Way& way : ways()) {
      if (!way.extrapolated) continue;
      INFO(way.rule << ", noise " << noise);
      const auto end = [&](bool extrapolated, double tolerance) {
        Options options = options_for({way.rule, extrapolated}, 10, 500);
        options.tolerance = tolerance;
        return fitted(v, options).cost().loss;
      };
      CHECK(end(true, 1e-4) < 1.1 * end(false, 0));
      CHECK(end(true, 0) < 1.1 * end(false, 0));
    }
  }
}

TEST_CASE("Projected gradient in single precision does not heed the scale of V", "[rules]") {
  const Matrix<double> all = random_matrix<double>(60, 40, 44, 0.2);
  const auto relative_error = [&](double scale) {
    Matrix<float> scaled = rounded<float>(all);
    for (Index i = 0; i < 60; ++i) {
      for (Index j = 0; j < 40; ++j) scaled(i, j) *= static_cast<float>(scale);
    }
    return fitted(spread(world(), scaled, false), options_for({"projected-gradient", false}, 3, 30))
        .cost()
        .relative_error;
  };
  const double expected = relative_error(1);
  for (const double scale : {1e-17, 1e-10, 1e10, 1e17}) {
    INFO(scale);
    CHECK(relative_error(scale) == Approx(expected).epsilon(1e-2));
  }
}

TEST_CASE("Every rule gives the same on any number of ranks, and never rises", "[rules]") {
  // features enough that a costly rule shares them out over 7 ranks
  const Matrix<double> all = random_matrix<double>(90, 7 * 16 + 5, 31, 0.5);
  for (const Way& way : ways()) {
    for (const bool sparse : {false, true}) {
      compare_with_one_rank<double>(all, sparse, way, Order::w_first);
      compare_with_one_rank<float>(all, sparse, way, Order::w_first);
      if (!way.extrapolated) compare_with_one_rank<double>(all, sparse, way, Order::h_first);
      compare_with_one_rank<double>(all, sparse, way, Order::w_first, 1e-3);
      compare_with_one_rank<float>(all, sparse, way, Order::w_first, 1e-3);
    }
  }
}

TEST_CASE("The loss that an extrapolated run reports is that of the pair it returns", "[rules]") {
  const Matrix<double> all = random_matrix<double>(60, 130, 32, 0.3);
  const DataMatrix<double> v = spread(world(), all, true);
  for (const Way& way : ways()) {
    if (!way.extrapolated) continue;
    for (const Index iterations : {1, 2, 7, 40, 41}) {
      INFO(way.rule << ", " << iterations << " iterations");
      const Nmf<double> model = fitted(v, options_for(way, 5, iterations));
      const Matrix<double> product = model.inverse_transform(model.w());
      double square = 0;
      for (Index i = 0; i < product.rows(); ++i) {
        for (Index j = 0; j < product.columns(); ++j) {
          const double rest = all(v.first_row() + i, j) - product(i, j);
          square += rest * rest;
        }
      }
      CHECK(2 * model.cost().loss == Approx(world().sum(square)).epsilon(1e-10));
      for (Index i = 0; i < model.w().rows(); ++i) {
        for (Index c = 0; c < 5; ++c) CHECK(model.w()(i, c) >= 0);
      }
    }
  }
}

TEST_CASE("Extrapolation is sooner there", "[rules]") {
  const Matrix<double> w = random_matrix<double>(80, 6, 33, 0.4), h = random_matrix<double>(6, 50, 34, 0.4);
  Matrix<double> all(80, 50);
  for (Index i = 0; i < 80; ++i) {
    for (Index j = 0; j < 50; ++j) {
      for (Index c = 0; c < 6; ++c) all(i, j) += w(i, c) * h(c, j);
    }
  }
  const DataMatrix<double> v = spread(world(), all, false);
  const double plain = fitted(v, options_for({"hals", false}, 6, 60)).cost().loss,
               extrapolated = fitted(v, options_for({"hals", true}, 6, 60)).cost().loss;
  CHECK(extrapolated < plain / 2);
}

TEST_CASE("The projected gradient stops a run where it is small, and is recorded", "[rules]") {
  const DataMatrix<double> v = spread(world(), random_matrix<double>(40, 30, 35, 0.2), false);
  for (const Way& way : ways()) {
    // an entry that a multiplicative update sends to 0 goes there like 1 / iterations
    const double tolerance = way.rule == "mu" || way.rule == "amu" ? 1e-2 : 1e-6;
    for (const Order order : {Order::w_first, Order::h_first}) {
      if (way.extrapolated && order == Order::h_first) continue;
      INFO(way.rule << (way.extrapolated ? ", extrapolated" : ""));
      Options options = options_for(way, 3, 20000);
      options.order = order;
      options.stop = Stop::projected_gradient;
      options.tolerance = tolerance;
      const Nmf<double> model = fitted(v, options);
      CHECK(model.stop_reason() == StopReason::tolerance);
      CHECK(model.iterations() % 10 == 0);
      CHECK(model.kkt_w() < 10 * tolerance);
      CHECK(model.kkt_h() < 10 * tolerance);
      options.tolerance = std::max(1e-2, 10 * tolerance);
      const Nmf<double> sooner = fitted(v, options);
      CHECK(sooner.iterations() < model.iterations());
      CHECK(sooner.kkt_w() + sooner.kkt_h() > 1e-6);  // the measure can fail
    }
  }
}

TEST_CASE("Odd shapes: few rows, one feature, k beyond both, rows and columns of zeros", "[rules]") {
  struct Shape {
    Index m, n, k;
  };
  for (const Shape s : {Shape{3, 9, 2}, {20, 1, 1}, {1, 20, 1}, {6, 5, 9}, {25, 12, 3}}) {
    Matrix<double> all = random_matrix<double>(s.m, s.n, 36, 0.2);
    if (s.m == 25) {
      for (Index j = 0; j < s.n; ++j) all(7, j) = all(24, j) = 0;
      for (Index i = 0; i < s.m; ++i) all(i, 4) = 0;
    }
    for (const Way& way : ways()) {
      for (const bool sparse : {false, true}) {
        INFO(s.m << " x " << s.n << ", k = " << s.k << ", " << way.rule
                 << (way.extrapolated ? ", extrapolated" : ""));
        const DataMatrix<double> v = spread(world(), all, sparse);
        Options options = options_for(way, s.k, 25);
        options.start = Start::automatic;
        const Nmf<double> model = fitted(v, options);
        CHECK(std::isfinite(model.cost().loss));
        CHECK(model.cost().loss <= v.summary().sum_squares / 2 * (1 + 1e-9));
        check_falling(model, v.summary().sum_squares);
      }
    }
  }
}

TEST_CASE("transform of the rows that were fitted is never worse, and agrees at a stationary point", "[rules]") {
  const DataMatrix<double> v = spread(world(), random_matrix<double>(50, 24, 37, 0.3), true);
  for (const Index iterations : {5, 8000}) {
    const Nmf<double> model = fitted(v, options_for({"hals", false}, 3, iterations));
    const Matrix<double> w = model.transform(v);
    Options still = options_for({"hals", false}, 3, 0);
    Nmf<double> again(still);
    again.fit(v, w.view(), model.components().view());
    CHECK(again.cost().loss <= model.cost().loss * (1 + 1e-13));
    if (iterations == 5) continue;
    CHECK(model.kkt_w() < 1e-10);
    CHECK(relative_difference<double>(world(), model.w(), w.view()) < 1e-6);
  }
}

TEST_CASE("A last exact W belongs to the last H", "[rules]") {
  const DataMatrix<double> v = spread(world(), random_matrix<double>(50, 24, 38, 0.3), false);
  Options options = options_for({"hals", true}, 3, 6);
  const Nmf<double> without = fitted(v, options);
  options.final_w = true;
  const Nmf<double> with = fitted(v, options);
  CHECK(relative_difference<double>(Comm::self(), without.ht(), with.ht()) == 0);
  CHECK(with.cost().loss < without.cost().loss);
  CHECK(with.kkt_w() < 1e-12);
  CHECK(relative_difference<double>(world(), with.transform(v).view(), with.w()) < 1e-9);
}

TEST_CASE("Numbers that leave single precision end every rule with one message", "[rules]") {
  Matrix<float> all = rounded<float>(random_matrix<double>(60, 40, 45, 0.2));
  for (Index i = 0; i < 60; ++i) {
    for (Index j = 0; j < 40; ++j) all(i, j) *= 1e27F;
  }
  const DataMatrix<float> v = spread(world(), all, false);
  for (const Way& way : ways()) {
    INFO(way.rule << (way.extrapolated ? ", extrapolated" : ""));
    CHECK_THROWS_AS(fitted(v, options_for(way, 3, 30)), BadData);
  }
}
