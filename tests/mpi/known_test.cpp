// Rows of H and columns of W that are known stay bit by bit, and the others go where a fit of the rest takes them.
#include <algorithm>
#include <cmath>
#include <utility>

#include "catch.hpp"
#include "mpi_support.hpp"
#include "mpinmf/nmf.hpp"
#include "rules/rule.hpp"

using namespace mpinmf;

namespace {

struct KnownWay {
  std::string rule;
  double beta;
  Order order;
  bool extrapolated;
};

std::vector<KnownWay> all_ways() {
  std::vector<KnownWay> ways;
  for (const double beta : {2.0, 1.0, 1.5, 0.0}) {
    for (const std::string& name : rule_names()) {
      const Rule<double>& rule = find_rule<double>(name);
      if (!fits(rule, facts_of({beta}))) continue;
      for (const Order order : {Order::w_first, Order::h_first}) ways.push_back({name, beta, order, false});
      if (rule.extrapolates == Extrapolated::both_factors) ways.push_back({name, beta, Order::w_first, true});
      if (rule.extrapolates == Extrapolated::h_alone) ways.push_back({name, beta, Order::h_first, true});
    }
  }
  return ways;
}

constexpr Index m = 60, n = 7 * 16 + 5, k = 5;
const std::vector<Index> fixed_of_h = {3, 0}, fixed_of_w = {1};

Options options_of(const KnownWay& way, Index iterations) {
  Options options = fixed_options(k, way.beta, way.order, iterations);
  options.rule = way.rule;
  options.extrapolate = way.extrapolated;
  options.start = Start::random;
  return options;
}

Matrix<double> positive(Index rows, Index columns, unsigned seed) {
  return random_matrix<double>(rows, columns, seed, 0);
}

/// With zeros, which no floor may raise.
Matrix<double> known_h() {
  return random_matrix<double>(2, n, 71, 0.4);
}

/// This rank's rows of the known column.
Matrix<double> known_w(const DataMatrix<double>& v) {
  return rows_of(random_matrix<double>(m, 1, 72, 0.4), v.first_row(), v.rows_local());
}

Nmf<double> fitted_with_known(const DataMatrix<double>& v, const Options& options) {
  Nmf<double> model(options);
  model.fix_h(fixed_of_h, known_h().view());
  model.fix_w(fixed_of_w, known_w(v).view());
  model.fit(v);
  return model;
}

void check_known_stay(const DataMatrix<double>& v, const Nmf<double>& model) {
  const Matrix<double> h = known_h(), w = known_w(v);
  bool same = true;
  for (std::size_t f = 0; f < fixed_of_h.size(); ++f) {
    for (Index j = 0; j < n; ++j) {
      same = same && model.ht()(j, fixed_of_h[f]) == h(static_cast<Index>(f), j);
    }
  }
  for (Index i = 0; i < v.rows_local(); ++i) same = same && model.w()(i, fixed_of_w[0]) == w(i, 0);
  CHECK(same);
}

}  // namespace

TEST_CASE("What is known stays, with every rule, loss and order, and any number of ranks agree", "[known]") {
  const Matrix<double> all = positive(m, n, 73);
  for (const bool sparse : {false, true}) {
    const DataMatrix<double> v = spread(world(), all, sparse), own = spread(Comm::self(), all, sparse);
    for (const KnownWay& way : all_ways()) {
      if (sparse && way.beta == 0) continue;  // dense work all the same
      INFO(way.rule << ", beta " << way.beta << (way.extrapolated ? ", extrapolated" : "")
                    << (way.order == Order::h_first ? ", H first" : "") << (sparse ? ", sparse" : ""));
      const bool jumps = way.rule == "projected-gradient";
      const Options options = options_of(way, jumps ? 3 : 15);
      const Nmf<double> model = fitted_with_known(v, options), alone = fitted_with_known(own, options);
      check_known_stay(v, model);
      CHECK(relative_difference<double>(Comm::self(), alone.ht(), model.ht()) < 1e-9);
      CHECK(model.cost().loss == Approx(alone.cost().loss).epsilon(1e-10));
      double before = model.trace().front().cost.loss;
      for (const TraceRow& row : model.trace()) {
        if (std::isnan(row.cost.loss)) continue;  // extrapolated runs do not know all of them
        CHECK(row.cost.loss <= before * (1 + 1e-10));
        before = row.cost.loss;
      }
    }
  }
}

TEST_CASE("The others end at a stationary point of what is left to them", "[known]") {
  const DataMatrix<double> v = spread(world(), positive(m, n, 74), false);
  for (const KnownWay& way : all_ways()) {
    if (way.beta == 0) continue;                          // slow
    if (way.beta != 2 && world().size() > 1) continue;    // any number of ranks agrees, as the case before shows
    if (way.rule == "mu" || way.rule == "amu") continue;  // an entry goes to 0 like 1 / iterations
    INFO(way.rule << ", beta " << way.beta << (way.extrapolated ? ", extrapolated" : "")
                  << (way.order == Order::h_first ? ", H first" : ""));
    Options options = options_of(way, 20000);
    options.stop = Stop::projected_gradient;
    options.tolerance = 1e-4;
    const Nmf<double> model = fitted_with_known(v, options);
    check_known_stay(v, model);
    CHECK(model.stop_reason() == StopReason::tolerance);
    CHECK(model.kkt_w() < 1e-3);
    CHECK(model.kkt_h() < 1e-3);
  }
}

TEST_CASE("With all of H known an exact half-step finds W at once, as transform does", "[known]") {
  const DataMatrix<double> v = spread(world(), positive(m, n, 75), false);
  const Matrix<double> h = random_matrix<double>(k, n, 76, 0.3);
  Nmf<double> model(options_of({"anls-bpp", 2, Order::w_first, false}, 1)),
      given(options_of({"hals", 2, Order::w_first, false}, 1));
  model.fix_h({0, 1, 2, 3, 4}, h.view()).fit(v);
  given.set_components(h.view());
  CHECK(relative_difference<double>(Comm::self(), given.ht(), model.ht()) == 0);
  CHECK(relative_difference<double>(world(), given.transform(v).view(), model.w()) < 1e-12);
  CHECK(model.kkt_w() < 1e-12);
  CHECK(model.kkt_h() == 0);
}

TEST_CASE("A fit of what V has left finds the same as one with known components", "[known]") {
  // V - w h for a column and a row that are both known
  const Matrix<double> w1 = random_matrix<double>(m, 1, 77, 0), h1 = random_matrix<double>(1, n, 78, 0);
  const Matrix<double> rest = positive(m, n, 79);
  Matrix<double> all(m, n);
  for (Index i = 0; i < m; ++i) {
    for (Index j = 0; j < n; ++j) all(i, j) = rest(i, j) + w1(i, 0) * h1(0, j);
  }
  const DataMatrix<double> v = spread(world(), all, false), left = spread(world(), rest, false);
  const Matrix<double> w0 = random_matrix<double>(m, 3, 80, 0), h0 = random_matrix<double>(3, n, 81, 0);
  Matrix<double> w_rest(m, 2), h_rest(2, n);
  for (Index c = 0; c < 2; ++c) {
    for (Index i = 0; i < m; ++i) w_rest(i, c) = w0(i, c + 1);
    for (Index j = 0; j < n; ++j) h_rest(c, j) = h0(c + 1, j);
  }
  const auto own = [&](const Matrix<double>& x) { return rows_of(x, v.first_row(), v.rows_local()); };
  for (const char* rule : {"hals", "ahals", "anls-bpp", "ao-admm"}) {
    INFO(rule);
    Options options = options_of({rule, 2, Order::w_first, false}, 40);
    options.components = 3;
    options.inner_rounds = std::string(rule) == "ahals" || std::string(rule) == "ao-admm" ? 3 : 0;
    Nmf<double> model(options);
    model.fix_h({0}, h1.view()).fix_w({0}, own(w1).view());
    model.fit(v, own(w0).view(), h0.view());
    options.components = 2;
    Nmf<double> other(options);
    other.fit(left, own(w_rest).view(), h_rest.view());
    CHECK(model.cost().loss == Approx(other.cost().loss).epsilon(1e-9));
  }
}

TEST_CASE("Components that are known are neither normalized nor revived", "[known]") {
  const DataMatrix<double> v = spread(world(), positive(m, n, 82), false);
  Options options = options_of({"hals", 2, Order::w_first, false}, 12);
  options.normalize = Norm::l2;
  options.normalize_factor = Factor::h;
  check_known_stay(v, fitted_with_known(v, options));
  Matrix<double> h = known_h();
  for (Index j = 0; j < n; ++j) h(1, j) = 0;  // it is of no use
  Nmf<double> model(options);
  model.fix_h(fixed_of_h, h.view()).fit(v);
  for (Index j = 0; j < n; ++j) CHECK(model.ht()(j, 0) == 0);
  CHECK(model.dead_components() == 1);
}

TEST_CASE("What cannot be known is refused", "[known]") {
  const DataMatrix<double> v = spread(world(), positive(m, n, 83), false);
  const Options options = options_of({"hals", 2, Order::w_first, false}, 2);
  Matrix<double> h = known_h();
  Nmf<double> model(options);
  CHECK_THROWS_AS(model.fix_h({0}, h.view()), ShapeMismatch);
  CHECK_THROWS_AS(model.fix_h({1, 1}, h.view()), UsageError);
  CHECK_THROWS_AS(model.fix_h({-1, 1}, h.view()), UsageError);
  CHECK_THROWS_AS(model.fix_h({4, 5}, h.view()).fit(v), UsageError);
  const Matrix<double> narrow = random_matrix<double>(2, n - 1, 84, 0);
  CHECK_THROWS_AS(model.fix_h({0, 1}, narrow.view()).fit(v), ShapeMismatch);
  h(1, 3) = -1;
  CHECK_THROWS_AS(model.fix_h({0, 1}, h.view()), BadData);
  model.fix_h({}, Matrix<double>(0, n).view()).fit(v);  // nothing is known again
  CHECK(model.iterations() == 2);
}
