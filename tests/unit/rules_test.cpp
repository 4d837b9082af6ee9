// The least-squares rules: exact ones against brute force, all of them by what they promise.
#include <cmath>
#include <cstring>
#include <string>

#include "catch.hpp"
#include "least_squares.hpp"
#include "rules/active_set.hpp"

using namespace mpinmf;

namespace {

const std::vector<std::string> least_squares_rules{"mu",       "amu",    "hals", "ahals", "projected-gradient",
                                                   "anls-bpp", "ao-admm"};
constexpr double epsilon = std::numeric_limits<double>::epsilon();

using Solver = std::vector<double> (*)(ConstMatrixView<double>, const std::vector<double>&);

/// Starts of a row: nothing, all, half, below 0 as after extrapolation.
double start_value(Index start, Index i, Index c) {
  const double number = number_at(77, i, c);
  return start == 0 ? 0 : start == 1 ? number : start == 2 ? (number < 0.5 ? 0 : number) : number - 0.5;
}

/// The solution of every row, from every start, is that of `solver`: the numbers, where there is one solution, or
/// the objective.
template <class T>
void compare_with(Solver solver, const Problem& problem, bool has_one_solution) {
  Mover<T> mover("anls-bpp", problem);
  const double allowed = sizeof(T) == 4 ? 1e-6 : 1e-10;
  for (Index start = 0; start < 4; ++start) {
    mover.start([&](Index i, Index c) { return start_value(start, i, c); });
    mover.move();
    for (Index i = 0; i < problem.rows(); ++i) {
      INFO("k " << problem.components() << ", row " << i << ", start " << start << ", l1 " << problem.l1 << ", l2 "
                << problem.l2 << ", bytes " << sizeof(T));
      const ConstMatrixView<double> gram = mover.half_step().exact_gram.view();
      const std::vector<double> b = mover.b(i), right = solver(gram, b);
      double difference = 0, norm = 0, least = 0;
      for (Index c = 0; c < problem.components(); ++c) {
        const double x = static_cast<double>(mover.x()(i, c)), expected = right[static_cast<std::size_t>(c)];
        least = std::min(least, x);
        difference = std::max(difference, std::fabs(x - expected));
        norm = std::max(norm, expected);
      }
      REQUIRE(least == 0);
      if (has_one_solution) REQUIRE(difference <= allowed * norm);
      const double best = objective_at(gram, b, right);
      REQUIRE(std::fabs(mover.objective(i) - best) <= allowed * std::fabs(best));
    }
  }
}

void compare_with(Solver solver, Problem problem, bool has_one_solution, std::initializer_list<double> penalties) {
  for (const double l1 : penalties) {
    for (const double l2 : penalties) {
      problem.l1 = l1;
      problem.l2 = l2;
      compare_with<double>(solver, problem, has_one_solution || l2 > 0);
      compare_with<float>(solver, problem, has_one_solution || l2 > 0);
    }
  }
}

}  // namespace

TEST_CASE("block pivoting finds the best of all passive sets", "[rules]") {
  for (Index k = 1; k <= 6; ++k) {
    compare_with(best_of_all_sets, problem_of({40, k, 9, static_cast<unsigned>(k)}), true, {0, 0.7});
  }
}

TEST_CASE("block pivoting finds what Lawson and Hanson find", "[rules]") {
  for (const Index k : {8, 16, 23, 30}) {
    compare_with(lawson_hanson, problem_of({50, k, 2 * k, static_cast<unsigned>(k)}), true, {0, 0.7});
  }
  compare_with(lawson_hanson, problem_of({4, 70, 150, 70}), true, {0});
}

TEST_CASE("block pivoting takes any numerator", "[rules]") {
  Problem problem = problem_of({12, 5, 9, 3});
  for (Index i = 0; i < problem.rows(); ++i) {
    for (Index c = 0; c < 5; ++c) problem.numerator(i, c) = i == 0 ? 0 : i == 1 ? -1 : 4 * number_at(5, i, c) - 2;
  }
  compare_with(best_of_all_sets, std::move(problem), true, {0, 0.7});
}

TEST_CASE("block pivoting solves where the Gram matrix is singular", "[rules]") {
  const Shape shape{30, 6, 9, 4};
  SECTION("more components than features") {
    compare_with(best_of_all_sets, problem_of({30, 6, 3, 4}), false, {0, 0.7});
  }
  SECTION("equal components, multiples, and a sum of others") {
    Matrix<double> h = other_factor(shape);
    for (Index j = 0; j < h.columns(); ++j) {
      h(1, j) = h(0, j);
      h(3, j) = 2 * h(2, j);
      h(5, j) = h(0, j) + h(4, j);
    }
    compare_with(best_of_all_sets, problem_of(shape, h), false, {0, 0.7});
  }
  SECTION("dead components") {
    Matrix<double> h = other_factor(shape);
    for (Index j = 0; j < h.columns(); ++j) h(0, j) = h(4, j) = 0;
    compare_with(best_of_all_sets, problem_of(shape, h), false, {0, 0.7});
  }
  SECTION("components of very different size") {
    Matrix<double> h = other_factor(shape);
    for (Index c = 0; c < h.rows(); ++c) {
      for (Index j = 0; j < h.columns(); ++j) h(c, j) *= std::pow(10.0, static_cast<double>(3 * c - 7));
    }
    Problem problem = problem_of(shape, h);
    compare_with<double>(best_of_all_sets, problem, false);
  }
}

TEST_CASE("the active-set method finds the best of all passive sets", "[rules]") {
  for (const Index features : {9, 3}) {
    const Problem problem = problem_of({40, 6, features, 8});
    std::vector<double> x(6), numbers(static_cast<std::size_t>(active_set_numbers(6)));
    std::vector<Index> places(static_cast<std::size_t>(active_set_places(6)));
    for (const double l1 : {0.0, 0.7}) {
      for (Index i = 0; i < problem.rows(); ++i) {
        std::vector<double> b(problem.numerator.row(i), problem.numerator.row(i) + 6);
        for (double& number : b) number -= l1;
        minimise_by_active_set({problem.gram.view(), 24 * epsilon, 1e-292}, b, x, numbers.data(), places.data());
        const double best = objective_at(problem.gram.view(), b, best_of_all_sets(problem.gram.view(), b));
        REQUIRE(*std::min_element(x.begin(), x.end()) >= 0);
        REQUIRE(std::fabs(objective_at(problem.gram.view(), b, x) - best) <= 1e-10 * std::fabs(best));
      }
    }
  }
}

TEMPLATE_TEST_CASE("every rule gets to the least objective and never raises it on the way", "[rules]", float,
                   double) {
  for (const auto& [l1, l2] : {std::pair{0.0, 0.0}, {0.5, 0.3}}) {
    Problem problem = problem_of({20, 6, 40, 9});
    problem.l1 = l1;
    problem.l2 = l2;
    Mover<TestType> exact("anls-bpp", problem);
    exact.move();
    for (const std::string& name : least_squares_rules) {
      Mover<TestType> mover(name, problem, 10);
      mover.start([](Index i, Index c) { return number_at(6, i, c); });
      std::vector<double> before(20, std::numeric_limits<double>::infinity());
      const double rounding = sizeof(TestType) == 4 ? 1e-6 : 1e-13;
      for (int iteration = 0; iteration < 3000; ++iteration) {
        mover.move();
        for (Index i = 0; i < 20; ++i) {
          INFO(name << ", row " << i << ", iteration " << iteration);
          const double now = mover.objective(i);
          if (name != "ao-admm") REQUIRE(now <= before[static_cast<std::size_t>(i)] + rounding * std::fabs(now));
          before[static_cast<std::size_t>(i)] = now;
        }
      }
      for (Index i = 0; i < 20; ++i) {
        INFO(name << ", row " << i);
        const double least = exact.objective(i);
        CHECK(mover.objective(i) <= least + (sizeof(TestType) == 4 ? 1e-5 : 1e-6) * std::fabs(least));
        CHECK(mover.objective(i) >= least - rounding * std::fabs(least));
      }
    }
  }
}

TEMPLATE_TEST_CASE("a row moves alike alone and among others, and padding stays 0", "[rules]", float, double) {
  for (const std::string& name : least_squares_rules) {
    for (const Index k : {1, 3, 8, 20, 33}) {
      const Problem problem = problem_of({256, k, k + 7, 10});
      const auto value = [](Index i, Index c) { return std::max(0.0, number_at(11, i, c) - 0.3); };
      Mover<TestType> together(name, problem, 4);
      together.start(value);
      for (int iteration = 0; iteration < 2; ++iteration) together.move();
      for (const Index rows : {1, 5, 16, 17, 64}) {
        Mover<TestType> apart(name, problem, 4);
        apart.start(value);
        for (int iteration = 0; iteration < 2; ++iteration) {
          for (Index first = 0; first < 256; first += rows) apart.move(first, std::min(rows, 256 - first));
        }
        INFO(name << ", k " << k << ", rows " << rows);
        const std::size_t bytes = static_cast<std::size_t>(256 * apart.x().stride()) * sizeof(TestType);
        REQUIRE(std::memcmp(apart.x().data(), together.x().data(), bytes) == 0);
      }
      for (Index i = 0; i < 256; ++i) {
        for (Index c = k; c < together.x().stride(); ++c) REQUIRE(together.x().row(i)[c] == 0);
      }
    }
  }
}

TEMPLATE_TEST_CASE("rules stay finite where there is nothing to fit", "[rules]", float, double) {
  for (const std::string& name : least_squares_rules) {
    for (const double b : {0.0, 1.0}) {  // 1: as rounding might leave it
      Problem problem{Matrix<double>(4, 4), Matrix<double>(9, 4)};
      for (Index i = 0; i < 9; ++i) problem.numerator(i, 2) = b;
      Mover<TestType> mover(name, problem, 10);
      mover.start([](Index i, Index c) { return number_at(12, i, c, true); });
      for (int iteration = 0; iteration < 5; ++iteration) mover.move();
      for (Index i = 0; i < 9; ++i) {
        for (Index c = 0; c < 4; ++c) {
          INFO(name << ", b " << b);
          REQUIRE(std::isfinite(mover.x()(i, c)));
          REQUIRE(mover.x()(i, c) >= 0);
        }
      }
    }
  }
}
