// Newton rounds on W for the Kullback-Leibler loss: rows at every vector level against the convex problem
// they solve, and whole fits.
#include <cmath>
#include <random>

#include "catch.hpp"
#include "kernel_support.hpp"
#include "mpi_support.hpp"
#include "mpinmf/error.hpp"
#include "mpinmf/nmf.hpp"

using namespace mpinmf;

namespace {

struct RowPenalty {
  double l1 = 0, l2 = 0;
};

/// V (p x n), a start (p x k) and H transposed (n x k), with entries of very different sizes, empty rows and
/// columns of V, zeros in W and H, and a component that H does not have.
template <class T>
struct RowProblem {
  Matrix<T> v, w, ht, column_sums;
  RowPenalty penalty;

  RowProblem(Index rows, Index columns, Index k, unsigned seed, RowPenalty with = {})
      : v(random_matrix<T>(rows, columns, seed, 0.6)),
        w(Matrix<T>::padded(rows, k)),
        ht(Matrix<T>::padded(columns, k)),
        column_sums(Matrix<T>::padded(1, k)),
        penalty(with) {
    std::mt19937 generator(seed);
    std::uniform_real_distribution<double> uniform(0, 1);
    const auto number = [&](double zeros) {
      const double size = std::pow(10, 6 * uniform(generator) - 3);
      return static_cast<T>(uniform(generator) < zeros ? 0 : size * (uniform(generator) + 0.1));
    };
    for (Index i = 0; i < rows; ++i) {
      for (Index c = 0; c < k; ++c) w(i, c) = number(0.1);
      for (Index j = 0; j < columns; ++j) v(i, j) *= i == 1 || j == 2 ? T(0) : T(10);
    }
    for (Index j = 0; j < columns; ++j) {
      for (Index c = 0; c < k; ++c) ht(j, c) = k > 2 && c == 1 ? T(0) : number(k > 1 ? 0.3 : 0);
      for (Index c = 0; c < k; ++c) column_sums(0, c) += ht(j, c);
    }
  }

  Index rows() const { return v.rows(); }
  Index components() const { return w.columns(); }
  long double model(const Matrix<T>& at, Index i, Index j) const {
    long double x = 0;
    for (Index c = 0; c < components(); ++c) x += static_cast<long double>(at(i, c)) * ht(j, c);
    return x;
  }
  /// What a row is to minimise, without constants: its loss and penalties. An entry counts only where `counted`
  /// explains some of it.
  long double objective(const Matrix<T>& at, Index i, const Matrix<T>& counted) const {
    long double f = 0;
    for (Index j = 0; j < v.columns(); ++j) {
      if (v(i, j) > 0 && model(counted, i, j) > 0) f -= v(i, j) * std::log(model(at, i, j));
    }
    for (Index c = 0; c < components(); ++c) {
      const long double x = at(i, c);
      f += (column_sums(0, c) + penalty.l1) * x + penalty.l2 / 2 * x * x;
    }
    return f;
  }
  long double objective(const Matrix<T>& at, Index i) const { return objective(at, i, at); }
  /// Its derivative by entry c of the row.
  long double slope(const Matrix<T>& at, Index i, Index c) const {
    long double g = column_sums(0, c) + penalty.l1 + penalty.l2 * at(i, c);
    for (Index j = 0; j < v.columns(); ++j) {
      const long double x = model(at, i, j);
      if (v(i, j) > 0 && x > 0) g -= v(i, j) * static_cast<long double>(ht(j, c)) / x;
    }
    return g;
  }
};

template <class T>
void move_rows(const VectorKernels<T>& kernels, const RowProblem<T>& problem, Matrix<T>& w, Index rounds,
               bool sparse, Index first, Index count) {
  const NewtonSettings<T> settings{problem.penalty.l1, problem.penalty.l2, rounds, 0, 0, T(1e-30)};
  const Matrix<T> v = rows_of(problem.v, first, count);
  const Index k = problem.components(), n = v.columns();
  std::vector<double> scratch(static_cast<std::size_t>(newton_scratch(k, n)), std::nan(""));
  // blocks of 16 columns below each other, zeros behind the last
  constexpr Index width = 16;
  Matrix<T> blocked((n + width - 1) / width * k, width);
  for (Index j = 0; j < n; ++j) {
    for (Index c = 0; c < k; ++c) blocked(j / width * k + c, j % width) = problem.ht(j, c);
  }
  const Block<T> moved{w.row(first), count, k, w.stride()};
  const Block<const T> ht{problem.ht.data(), n, k, problem.ht.stride()},
      sums{problem.column_sums.data(), 1, k, problem.column_sums.stride()};
  if (sparse) {
    const CsrRows<T> stored = compressed(v);
    kernels.newton_rounds(
        {count, stored.offsets.data(), stored.offsets.data() + 1, stored.indices.data(), stored.values.data()},
        moved, ht, sums, settings, scratch.data());
  } else {
    kernels.dense_newton_rounds({v.data(), count, n, v.stride()}, moved,
                                {blocked.data(), blocked.rows(), width, blocked.stride()}, sums, settings,
                                scratch.data());
  }
}
template <class T>
void move_rows(const VectorKernels<T>& kernels, const RowProblem<T>& problem, Matrix<T>& w, Index rounds,
               bool sparse) {
  move_rows(kernels, problem, w, rounds, sparse, 0, problem.rows());
}

/// Calls f(problem, where) for many sizes and penalties.
template <class T, class F>
void for_problems(F&& f) {
  for (const Index k : {1, 3, 20, 33}) {
    for (const Index n : {5, 16, 70}) {
      for (const RowPenalty penalty :
           {RowPenalty{0, 0}, RowPenalty{0.3, 0}, RowPenalty{0, 0.7}, RowPenalty{0.2, 0.1}}) {
        f(RowProblem<T>(6, n, k, static_cast<unsigned>(k + n), penalty));
      }
    }
  }
}

template <class T>
bool is_finite_and_non_negative(const Matrix<T>& x) {
  bool good = true;
  for (Index i = 0; i < x.rows(); ++i) {
    for (Index c = 0; c < x.columns(); ++c) good = good && x(i, c) >= 0 && std::isfinite(x(i, c));
  }
  return good;
}

/// The greatest rise of any row's objective in some rounds one by one, as a share of its size.
template <class T>
long double worst_rise(const VectorKernels<T>& kernels, const RowProblem<T>& problem, bool sparse) {
  Matrix<T> w = problem.w.copy();
  long double worst = 0;
  for (int round = 0; round < 12; ++round) {
    const Matrix<T> before = w.copy();
    move_rows(kernels, problem, w, 1, sparse);
    for (Index i = 0; i < w.rows(); ++i) {
      const long double old = problem.objective(before, i);
      worst = std::max(worst, (problem.objective(w, i, before) - old) / (1 + std::abs(old)));
    }
  }
  return is_finite_and_non_negative(w) ? worst : INFINITY;
}

template <class T>
void check_rounds(T rounding) {
  for_problems<T>([&](const RowProblem<T>& problem) {
    for (const auto& [name, kernels] : kernel_levels<T>()) {
      INFO(name << ", k = " << problem.components() << ", n = " << problem.v.columns()
                << ", l1 = " << problem.penalty.l1 << ", l2 = " << problem.penalty.l2);
      CHECK(worst_rise(*kernels, problem, false) <= rounding);
      CHECK(worst_rise(*kernels, problem, true) <= rounding);

      Matrix<T> dense = problem.w.copy(), sparse = problem.w.copy(), one_by_one = problem.w.copy();
      move_rows(*kernels, problem, dense, 3, false);
      move_rows(*kernels, problem, sparse, 3, true);
      for (Index i = 0; i < problem.rows(); ++i) move_rows(*kernels, problem, one_by_one, 3, true, i, 1);
      bool alike = true, same = true;
      for (Index i = 0; i < problem.rows(); ++i) {
        const long double f = problem.objective(dense, i);
        alike = alike && std::abs(problem.objective(sparse, i) - f) <= 100 * rounding * (1 + std::abs(f));
        for (Index c = 0; c < problem.components(); ++c) same = same && one_by_one(i, c) == sparse(i, c);
      }
      CHECK(alike);
      CHECK(same);                                                                // whatever rows lie beside it
      for (Index c = 0; c < problem.components(); ++c) CHECK(sparse(1, c) == 0);  // an empty row
    }
  });
}

/// Coordinate descent in plain loops: each coordinate to where its slope changes sign, found by bisection.
void bisect_rounds(const RowProblem<double>& problem, Matrix<double>& w, int rounds) {
  for (int round = 0; round < rounds; ++round) {
    for (Index i = 0; i < w.rows(); ++i) {
      for (Index c = 0; c < w.columns(); ++c) {
        double low = 0, high = 1e9;
        for (int step = 0; step < 90; ++step) {
          w(i, c) = (low + high) / 2;
          (problem.slope(w, i, c) > 0 ? high : low) = w(i, c);
        }
        w(i, c) = low;
      }
    }
  }
}

Options options_for(Index k, Order order, Index iterations) {
  Options options = fixed_options(k, 1, order, iterations);
  options.rule = "scd";
  options.extrapolate = false;
  return options;
}

template <class T>
void check_fits(double rounding) {
  for (const Index k : {1, 3, 20}) {
    const Matrix<T> all = random_matrix<T>(41, 29, 5, 0.5);
    for (const Order order : {Order::w_first, Order::h_first}) {
      double losses[2] = {0, 0};
      for (const bool sparse : {false, true}) {
        INFO("k = " << k << (sparse ? ", sparse, " : ", dense, ") << sizeof(T) << " bytes");
        Nmf<T> model(options_for(k, order, 60));
        model.fit(spread(Comm::self(), all, sparse));
        for (std::size_t i = 1; i < model.trace().size(); ++i) {
          CHECK(model.trace()[i].cost.loss <=
                model.trace()[i - 1].cost.loss + rounding * model.trace().front().cost.loss);
        }
        losses[sparse ? 1 : 0] = model.trace()[5].cost.loss;
      }
      CHECK(losses[0] == Approx(losses[1]).epsilon(1e3 * rounding));
    }
  }
}

}  // namespace

TEST_CASE("A round raises no row's objective, dense and sparse rows agree, and each moves alone",
          "[newton_rounds]") {
  check_rounds<double>(1e-13);
  check_rounds<float>(1e-5F);
}

TEMPLATE_TEST_CASE("Rows that move in step, and longer ones beside them, each move as if alone", "[newton_rounds]",
                   float, double) {
  using T = TestType;
  RowProblem<T> problem(19, 1900, 3, 4);
  for (Index i = 0; i < problem.rows(); ++i) {
    for (Index j = 7 * i; j < problem.v.columns() && i % 6 != 2; ++j) problem.v(i, j) = 0;
  }
  for (const auto& [name, kernels] : kernel_levels<T>()) {
    INFO(name);
    Matrix<T> together = problem.w.copy(), one_by_one = problem.w.copy();
    move_rows(*kernels, problem, together, 3, true);
    for (Index i = 0; i < problem.rows(); ++i) move_rows(*kernels, problem, one_by_one, 3, true, i, 1);
    bool same = true, moved = false;
    for (Index i = 0; i < problem.rows(); ++i) {
      for (Index c = 0; c < problem.components(); ++c) {
        same = same && one_by_one(i, c) == together(i, c);
        moved = moved || together(i, c) != problem.w(i, c);
      }
    }
    CHECK(same);
    CHECK(moved);
  }
}

TEST_CASE("Rounds on W end where every slope is 0, or not below 0 at 0", "[newton_rounds]") {
  for_problems<double>([](const RowProblem<double>& problem) {
    INFO("k = " << problem.components() << ", n = " << problem.v.columns() << ", l1 = " << problem.penalty.l1
                << ", l2 = " << problem.penalty.l2);
    Matrix<double> w = problem.w.copy();
    move_rows(vector_kernels<double>(), problem, w, 20000, true);
    double steepest_down = 0, most_to_gain = 0;
    for (Index i = 0; i < w.rows(); ++i) {
      double all = 1;
      for (Index j = 0; j < problem.v.columns(); ++j) all += problem.v(i, j);
      for (Index c = 0; c < w.columns(); ++c) {
        const double scale = problem.column_sums(0, c) + problem.penalty.l1 + problem.penalty.l2 * w(i, c);
        const double slope = static_cast<double>(problem.slope(w, i, c));
        if (scale > 0) steepest_down = std::max(steepest_down, -slope / scale);
        most_to_gain = std::max(most_to_gain, w(i, c) * slope / all);
      }
    }
    // slow where two components are nearly alike to a row: the slope is small there, and so is the curvature
    CHECK(steepest_down < 1e-4);
    CHECK(most_to_gain < 1e-6);
  });
}

TEST_CASE("Rounds on W come to the minimum that bisection finds", "[newton_rounds]") {
  for (const Index k : {1, 3, 20}) {
    for (const RowPenalty penalty : {RowPenalty{0, 0}, RowPenalty{0.2, 0.1}}) {
      INFO("k = " << k << ", l2 = " << penalty.l2);
      const RowProblem<double> problem(5, 16, k, static_cast<unsigned>(k), penalty);
      Matrix<double> w = problem.w.copy(), reference = problem.w.copy();
      move_rows(vector_kernels<double>(), problem, w, 3000, false);
      bisect_rounds(problem, reference, k == 1 ? 1 : 300);
      for (Index i = 0; i < w.rows(); ++i) {
        const double expected = static_cast<double>(problem.objective(reference, i));
        CHECK(static_cast<double>(problem.objective(w, i)) <= expected + 1e-7 * (1 + std::abs(expected)));
        if (k == 1) CHECK(w(i, 0) == Approx(reference(i, 0)).epsilon(1e-9).margin(1e-9));
      }
    }
  }
}

TEST_CASE("A row of zeros stays, a zero comes back beside others, and numbers of any size stay finite",
          "[newton_rounds]") {
  RowProblem<double> problem(6, 16, 3, 8);
  for (Index c = 0; c < 3; ++c) problem.w(0, c) = 0;
  for (Index i = 0; i < 6; ++i) problem.w(i, 2) = 0;
  Matrix<double> w = problem.w.copy();
  move_rows(vector_kernels<double>(), problem, w, 5, true);
  CHECK(w(0, 0) + w(0, 1) + w(0, 2) == 0);
  CHECK(w(2, 2) + w(3, 2) + w(4, 2) + w(5, 2) > 0);

  for (const double w_size : {1e-292, 1e-200, 1e-20, 1e20, 1e100}) {
    for (const double h_size : {1e-150, 1e-20, 1e20, 1e150}) {
      for (const double v_size : {1e-150, 1e-20, 1.0, 1e20, 1e150}) {
        INFO(w_size << " " << h_size << " " << v_size);
        RowProblem<double> scaled(4, 9, 3, 9);
        const auto scale = [](Matrix<double>& x, double by, Index step) {
          for (Index i = 0; i < x.rows(); ++i) {
            for (Index c = 0; c < x.columns(); c += step) x(i, c) *= by;
          }
        };
        scale(scaled.v, v_size, 2);
        scale(scaled.w, w_size, 2);
        scale(scaled.ht, h_size, 1);
        scale(scaled.column_sums, h_size, 1);
        move_rows(vector_kernels<double>(), scaled, scaled.w, 4, false);
        CHECK(is_finite_and_non_negative(scaled.w));
      }
    }
  }
}

TEST_CASE("Fits by plain scd never raise the loss, dense or sparse, in both precisions", "[newton_rounds]") {
  check_fits<double>(1e-13);
  check_fits<float>(1e-5);
}

TEST_CASE("scd is for the Kullback-Leibler loss and says so", "[newton_rounds]") {
  Options options = options_for(3, Order::w_first, 1);
  CHECK_NOTHROW(options.check());
  options.loss = {2};
  CHECK_THROWS_AS(options.check(), UsageError);
  CHECK_THROWS_WITH(options.check(), Catch::Contains("--loss kullback-leibler"));
}
