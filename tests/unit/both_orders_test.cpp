// The benchmark's reference for Kullback-Leibler: its loss and its ends against brute force.
#include "bench/both_orders.hpp"

#include <cmath>
#include <limits>

#include "catch.hpp"
#include "mpi_support.hpp"

using namespace mpinmf;

namespace {

/// V with zeros, an empty row and an empty column, and factors without zeros.
struct TinyProblem {
  Matrix<double> v, w, ht;

  TinyProblem(Index rows, Index columns, Index k, unsigned seed)
      : v(random_matrix<double>(rows, columns, seed, 0.5)),
        w(Matrix<double>::padded(rows, k)),
        ht(Matrix<double>::padded(columns, k)) {
    for (Index i = 0; i < rows; ++i) {
      for (Index j = 0; j < columns; ++j) v(i, j) = i == 1 || j == 2 ? 0 : std::ceil(9 * v(i, j));
    }
    for (Matrix<double>* x : {&w, &ht}) {
      const Matrix<double> numbers = random_matrix<double>(x->rows(), k, ++seed, 0);
      for (Index i = 0; i < x->rows(); ++i) {
        for (Index c = 0; c < k; ++c) (*x)(i, c) = 0.1 + numbers(i, c);
      }
    }
  }
  long double model(Index i, Index j) const {
    long double x = 0;
    for (Index c = 0; c < w.columns(); ++c) x += static_cast<long double>(w(i, c)) * ht(j, c);
    return x;
  }
  long double loss() const {
    long double sum = 0;
    for (Index i = 0; i < v.rows(); ++i) {
      for (Index j = 0; j < v.columns(); ++j) {
        sum += model(i, j) - v(i, j);
        if (v(i, j) > 0) sum += v(i, j) * std::log(v(i, j) / model(i, j));
      }
    }
    return sum;
  }
  /// The most that x |slope| is for any entry of W and H, and -slope for any: both are 0 where nothing is to be
  /// gained.
  long double violation() const {
    long double most = 0;
    const auto see = [&](double x, long double slope) { most = std::max({most, x * std::abs(slope), -slope}); };
    for (Index c = 0; c < w.columns(); ++c) {
      for (Index i = 0; i < v.rows(); ++i)
        see(w(i, c), slope_of(v.columns(), [&](Index j) { return (1 - v(i, j) / model(i, j)) * ht(j, c); }));
      for (Index j = 0; j < v.columns(); ++j)
        see(ht(j, c), slope_of(v.rows(), [&](Index i) { return (1 - v(i, j) / model(i, j)) * w(i, c); }));
    }
    return most;
  }

 private:
  template <class F>
  static long double slope_of(Index count, F&& term) {
    long double sum = 0;
    for (Index q = 0; q < count; ++q) sum += term(q);
    return sum;
  }
};

}  // namespace

TEST_CASE("The reference's loss is that of all entries, by rows and by columns", "[both_orders]") {
  TinyProblem problem(7, 5, 3, 1);
  const CsrRows<double> v = compressed(problem.v), t = bench::transposed(v);
  const auto loss = static_cast<double>(problem.loss());
  CHECK(bench::kullback_leibler(v, problem.w.view(), problem.ht.view()) == Approx(loss));
  CHECK(bench::kullback_leibler(t, problem.ht.view(), problem.w.view()) == Approx(loss));
  const CsrRows<double> again = bench::transposed(t);
  CHECK(again.columns == v.columns);
  CHECK(again.offsets == v.offsets);
  CHECK(again.indices == v.indices);
  CHECK(again.values == v.values);
}

TEST_CASE("The reference's loss never rises, is what it says, and ends where nothing is to be gained",
          "[both_orders]") {
  for (const unsigned seed : {1u, 2u, 3u}) {
    for (const Index k : {1, 2, 5}) {
      TinyProblem problem(12, 9, k, seed);
      const long double violation = problem.violation();
      double before = std::numeric_limits<double>::infinity();
      int passes = 0;
      bench::minimise_in_both_orders(compressed(problem.v), problem.w.view(), problem.ht.view(), [&](double loss) {
        CHECK(loss <= before);
        before = loss;
        return passes++ < 3000;
      });
      INFO("seed " << seed << ", k = " << k);
      CHECK(passes == 3001);
      CHECK(before == Approx(static_cast<double>(problem.loss())).epsilon(1e-9));
      CHECK(problem.violation() < 1e-6 * violation);
    }
  }
}

TEST_CASE("The reference finds one component exactly", "[both_orders]") {
  // row sums times column sums over the sum of all
  TinyProblem problem(6, 8, 1, 4);
  bench::minimise_in_both_orders(compressed(problem.v), problem.w.view(), problem.ht.view(),
                                 [passes = 0](double) mutable { return passes++ < 50; });
  double total = 0;
  std::vector<double> rows(6), columns(8);
  for (Index i = 0; i < 6; ++i) {
    for (Index j = 0; j < 8; ++j) {
      total += problem.v(i, j);
      rows[static_cast<std::size_t>(i)] += problem.v(i, j);
      columns[static_cast<std::size_t>(j)] += problem.v(i, j);
    }
  }
  for (Index i = 0; i < 6; ++i) {
    for (Index j = 0; j < 8; ++j) {
      const double expected = rows[static_cast<std::size_t>(i)] * columns[static_cast<std::size_t>(j)] / total;
      CHECK(static_cast<double>(problem.model(i, j)) == Approx(expected).margin(1e-6));
    }
  }
}
