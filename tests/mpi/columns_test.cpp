// Wide sparse V, whose columns are kept in an order of their own: nothing of that shows outside.
#include <cmath>
#include <set>

#include "api/evaluate.hpp"
#include "catch.hpp"
#include "mpi_support.hpp"
#include "mpinmf/nmf.hpp"

using namespace mpinmf;

namespace {

constexpr Index m = 56, n = 4500, k = 5;

/// Some columns in nearly every row, most in few, some in none; the popular ones lie anywhere.
template <class T>
Matrix<T> wide_matrix() {
  const Matrix<T> numbers = random_matrix<T>(m, n, 1, 0);
  const Matrix<double> chances = random_matrix<double>(m, n, 2, 0);
  Matrix<T> all(m, n);
  for (Index j = 0; j < n; ++j) {
    const double share = 20.0 / static_cast<double>(1 + (j * 2749) % n) - 0.005;
    for (Index i = 0; i < m; ++i) all(i, j) = chances(i, j) - 0.01 < share ? numbers(i, j) : T(0);
  }
  return all;
}

/// The same V as it is kept: sparse with columns in another order, and dense.
template <class T>
struct BothForms {
  Matrix<T> all = wide_matrix<T>();
  DataMatrix<T> sparse = spread(world(), all, true), dense = spread(world(), all, false);
};

Options options_for(double beta, Order order, Index iterations, int threads = 1) {
  Options options = fixed_options(k, beta, order, iterations);
  options.threads = threads;
  return options;
}

template <class T>
void check_same_in_order(const Nmf<T>& one, const Nmf<T>& other, double rounding) {
  CHECK(relative_difference<T>(world(), one.w(), other.w()) <= rounding);
  CHECK(relative_difference<T>(Comm::self(), one.ht(), other.ht()) <= rounding);
  CHECK(one.cost().loss == Approx(other.cost().loss).epsilon(rounding));
}

/// D of all of V by its definition, for beta 2 and 1, with H as components() has it.
double loss_of(double beta, const Matrix<double>& all, const DataMatrix<double>& v, ConstMatrixView<double> w,
               const Matrix<double>& h) {
  double sum = 0;
  for (Index i = 0; i < v.rows_local(); ++i) {
    for (Index j = 0; j < n; ++j) {
      double x = 0;
      for (Index c = 0; c < k; ++c) x += w(i, c) * h(c, j);
      const double value = all(v.first_row() + i, j);
      if (beta == 2) {
        sum += (value - x) * (value - x) / 2;
      } else {
        sum += value > 0 ? value * std::log(value / x) - value + x : x;
      }
    }
  }
  return world().sum(sum);
}

}  // namespace

TEST_CASE("Columns of a wide sparse V are kept by falling count, the same on every rank", "[columns]") {
  const BothForms<double> v;
  CHECK(v.dense.column_order().empty());
  const auto order = v.sparse.column_order();
  REQUIRE(order.size() == static_cast<std::size_t>(n));
  CHECK(std::set<ColumnIndex>(order.begin(), order.end()).size() == order.size());
  std::vector<ColumnIndex> roots(order.begin(), order.end());
  world().broadcast(std::span<ColumnIndex>(roots));
  CHECK(std::equal(order.begin(), order.end(), roots.begin()));
  Index before = m + 1, moved = 0;
  for (std::size_t j = 0; j < order.size(); ++j) {
    Index entries = 0;
    for (Index i = 0; i < m; ++i) entries += v.all(i, order[j]) > 0 ? 1 : 0;
    CHECK(entries <= before);
    before = entries;
    moved += order[j] == static_cast<ColumnIndex>(j) ? 0 : 1;
  }
  CHECK(before == 0);  // some columns are empty
  CHECK(moved > n / 2);
}

TEST_CASE("The start of a wide sparse V is that of a dense one, bit by bit", "[columns]") {
  const BothForms<double> v;
  for (const Start start : {Start::random, Start::uniform, Start::numpy}) {
    Options options = options_for(2, Order::w_first, 0);
    options.start = start;
    Nmf<double> one(options), other(options);
    one.fit(v.sparse);
    other.fit(v.dense);
    CHECK(relative_difference<double>(world(), other.w(), one.w()) == 0);
    CHECK(relative_difference<double>(Comm::self(), other.ht(), one.ht()) == 0);
    CHECK(one.cost().loss == Approx(other.cost().loss).epsilon(1e-12));
  }
}

TEST_CASE("A wide sparse V is factorized as a dense one, and H has V's own order", "[columns]") {
  const BothForms<double> v;
  for (const double beta : {2.0, 1.0, 1.5}) {
    for (const Order order : {Order::w_first, Order::h_first}) {
      for (const int threads : {1, 4}) {
        INFO("beta " << beta << (order == Order::w_first ? ", W first, " : ", H first, ") << threads
                     << " threads");
        const Options options = options_for(beta, order, 15, threads);
        Nmf<double> one(options), other(options);
        one.fit(v.sparse);
        other.fit(v.dense);
        check_same_in_order(other, one, 1e-10);
        const Matrix<double> h = one.components();
        for (Index j = 0; j < n; j += 7) CHECK(h(2, j) == one.ht()(j, 2));
        if (beta != 1.5) {
          CHECK(loss_of(beta, v.all, v.sparse, one.w(), h) == Approx(one.cost().loss).epsilon(1e-10));
        }
      }
    }
  }
}

TEST_CASE("Float: a wide sparse V is factorized as a dense one", "[columns]") {
  const BothForms<float> v;
  for (const double beta : {2.0, 1.0}) {
    Nmf<float> one(options_for(beta, Order::w_first, 15)), other(options_for(beta, Order::w_first, 15));
    one.fit(v.sparse);
    other.fit(v.dense);
    check_same_in_order(other, one, 1e-4);
  }
}

TEST_CASE("A given start of a wide sparse V is taken in V's own order", "[columns]") {
  const BothForms<double> v;
  const Matrix<double> h0 = random_matrix<double>(k, n, 6, 0.1), w0 = random_matrix<double>(m, k, 7, 0);
  const Matrix<double> own = rows_of(w0, v.sparse.first_row(), v.sparse.rows_local());
  Nmf<double> start(options_for(2, Order::h_first, 0));
  start.fit(v.sparse, own.view(), h0.view());
  const Matrix<double> h = start.components();
  CHECK(relative_difference<double>(Comm::self(), h0.view(), h.view()) == 0);
  CHECK(start.cost().loss == Approx(loss_of(2, v.all, v.sparse, own.view(), h0)).epsilon(1e-12));
  for (const double beta : {2.0, 1.0, 0.5}) {
    Nmf<double> one(options_for(beta, Order::h_first, 10)), other(options_for(beta, Order::h_first, 10));
    one.fit(v.sparse, own.view(), h0.view());
    other.fit(v.dense, own.view(), h0.view());
    check_same_in_order(other, one, 1e-10);
  }
}

TEST_CASE("A fit of a wide sparse V goes on from its own factors", "[columns]") {
  const BothForms<double> v;
  Nmf<double> whole(options_for(1, Order::w_first, 12)), parts(options_for(1, Order::w_first, 6));
  whole.fit(v.sparse);
  parts.fit(v.sparse);
  parts.fit(v.sparse, parts.w(), parts.components().view());
  check_same_in_order(whole, parts, 1e-10);
}

TEST_CASE("transform of a wide sparse V agrees with a dense one", "[columns]") {
  const BothForms<double> v;
  const Matrix<double> h = random_matrix<double>(k, n, 8, 0.2);
  for (const double beta : {2.0, 1.0, 1.5}) {
    for (const int threads : {1, 4}) {
      Nmf<double> model(options_for(beta, Order::w_first, 10, threads));
      model.set_components(h.view());
      const Matrix<double> one = model.transform(v.sparse), other = model.transform(v.dense);
      CHECK(relative_difference<double>(world(), other.view(), one.view()) < 1e-10);
      const Matrix<double> kept = model.components();
      CHECK(relative_difference<double>(Comm::self(), h.view(), kept.view()) == 0);
    }
  }
}

TEST_CASE("A row of a wide sparse V has the W of the row alone, bit by bit", "[columns]") {
  const BothForms<double> v;
  const Matrix<double> h = random_matrix<double>(k, n, 8, 0.2);
  for (const double beta : {1.0, 1.5}) {
    Nmf<double> model(options_for(beta, Order::w_first, 10));
    model.set_components(h.view());
    const Matrix<double> w = model.transform(v.sparse);
    for (Index i = 0; i < w.rows(); ++i) {
      const Matrix<double> row = rows_of(v.all, v.sparse.first_row() + i, 1);
      const DataMatrix<double> alone = spread(Comm::self(), row, true);
      CHECK(std::vector<ColumnIndex>(alone.column_order().begin(), alone.column_order().end()) !=
            std::vector<ColumnIndex>(v.sparse.column_order().begin(), v.sparse.column_order().end()));
      const Matrix<double> other = model.transform(alone);
      CHECK(std::equal(w.row(i), w.row(i) + k, other.row(0)));
    }
  }
}

TEST_CASE("evaluate of a wide sparse V agrees with a dense one and with plain loops", "[columns]") {
  const BothForms<double> v;
  for (const double beta : {2.0, 1.0, 1.5}) {
    Nmf<double> model(options_for(beta, Order::w_first, 20));
    model.fit(v.sparse);
    const Loss loss{beta};
    const Evaluation one = evaluate(v.sparse, model.w(), model.ht(), loss),
                     other = evaluate(v.dense, model.w(), model.ht(), loss);
    REQUIRE(one.losses.size() == other.losses.size());
    for (std::size_t l = 0; l < one.losses.size(); ++l) {
      CHECK(one.losses[l].why_not == other.losses[l].why_not);
      if (one.losses[l].why_not.empty()) CHECK(one.losses[l].loss == Approx(other.losses[l].loss).epsilon(1e-10));
    }
    const Matrix<double> h = model.components();
    CHECK(one.losses[0].loss == Approx(loss_of(2, v.all, v.sparse, model.w(), h)).epsilon(1e-10));
    CHECK(one.losses[1].loss == Approx(loss_of(1, v.all, v.sparse, model.w(), h)).epsilon(1e-10));
    CHECK(one.kkt_w == Approx(other.kkt_w).epsilon(1e-8));
    CHECK(one.kkt_h == Approx(other.kkt_h).epsilon(1e-8));
    CHECK(one.sparseness_h == Approx(other.sparseness_h).epsilon(1e-12));
  }
}
