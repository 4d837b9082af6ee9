// The vector kernels of the least-squares rules against plain loops, at every vector level.
#include <cmath>

#include "catch.hpp"
#include "least_squares.hpp"

using namespace mpinmf;

namespace mpinmf {
struct CoordinateRounds;
struct GradientRounds;
struct AdmmRounds;
}  // namespace mpinmf

TEST_CASE("systems on sets of components are solved at every vector level", "[rule_kernels]") {
  for (const auto& [name, kernels] : kernel_levels<double>()) {
    for (const Index k : {1, 5, 20, 70}) {
      const Problem problem = problem_of({45, k, 2 * k + 1, 13});
      const Index words = (k + 63) / 64;
      Guarded<double> gram = Guarded<double>::padded(k, k), b = Guarded<double>::padded(45, k),
                      x = Guarded<double>::padded(45, k);
      gram.fill([&](Index i, Index j) { return problem.gram(i, j); });
      b.fill([&](Index i, Index j) { return problem.numerator(i, j); });
      std::vector<std::uint64_t> sets(static_cast<std::size_t>(45 * words));
      std::vector<Index> order;
      const auto is_in = [](Index i, Index c) { return i >= 20 || number_at(14, i, c) < 0.6; };  // all, from 20 on
      for (Index i = 44; i >= 0; --i) {
        if (i != 7) order.push_back(i);  // and one that is not asked for
        for (Index c = 0; c < k; ++c) {
          sets[static_cast<std::size_t>(i * words + c / 64)] |= std::uint64_t{is_in(i, c)} << (c % 64);
        }
      }
      std::vector<double> numbers(static_cast<std::size_t>(set_numbers(k)));
      std::vector<Index> places(static_cast<std::size_t>(set_places(k)));
      kernels->solve_sets({gram.read(), sets.data(), words, order.data(), 44, b.read(), x.block(), 1e-14, 1e-292},
                          numbers.data(), places.data());
      INFO(name << ", k " << k);
      CHECK(x.is_intact());
      for (Index i = 0; i < 45; ++i) {
        for (Index c = 0; c < k; ++c) {
          double residual = -b(i, c);
          for (Index j = 0; j < k; ++j) residual += x(i, j) * gram(c, j);
          if (i == 7 || !is_in(i, c)) {
            REQUIRE(x(i, c) == 0);
          } else {
            REQUIRE(std::fabs(residual) <= 1e-11 * b(i, c));
          }
        }
      }
    }
  }
}

TEST_CASE("rounds of multipliers are those of the paper at every vector level", "[rule_kernels]") {
  const Index k = 7, rows = 21;
  const Problem problem = problem_of({rows, k, 15, 15});
  Mover<double> mover("ao-admm", problem, 3);  // for its half-step
  const HalfStep<double>& half_step = mover.half_step();
  for (const auto& [name, rounds] : rounds_levels<double, AdmmRounds>()) {
    Guarded<double> inverse = Guarded<double>::padded(k, k), b = Guarded<double>::padded(rows, k),
                    x = Guarded<double>::padded(rows, k), u = Guarded<double>::padded(rows, k);
    inverse.fill([&](Index i, Index j) { return half_step.shifted_inverse(i, j); });
    b.fill([&](Index i, Index j) { return problem.numerator(i, j); });
    x.fill([](Index i, Index j) { return number_at(16, i, j); });
    u.fill([](Index i, Index j) { return number_at(17, i, j) - 0.5; });
    std::vector<std::vector<double>> expected;
    for (Index i = 0; i < rows; ++i) {
      std::vector<double> at(x.row(i), x.row(i) + k), dual(u.row(i), u.row(i) + k);
      for (int round = 0; round < 3; ++round) {
        std::vector<double> right;
        for (Index c = 0; c < k; ++c) right.push_back(b(i, c) - 0.7 + half_step.rho * (at[c] + dual[c]));
        for (Index c = 0; c < k; ++c) {
          double y = 0;
          for (Index j = 0; j < k; ++j) y += half_step.shifted_inverse(c, j) * right[j];
          at[c] = std::max(0.0, y - dual[c]);
          dual[c] += at[c] - y;
        }
      }
      expected.push_back(at);
    }
    std::vector<double> scratch(static_cast<std::size_t>(rounds_scratch<double>(k)));
    const double never = 0;  // small enough to stop
    rounds({x.block(), u.block(), b.read()}, inverse.read(), {0.7, 3, never, 0, 1e-292, half_step.rho},
           scratch.data());
    INFO(name);
    CHECK(x.is_intact());
    CHECK(u.is_intact());
    CHECK(worst_error(
              x, [&](Index i, Index c) { return expected[i][c]; }, [](Index, Index) { return 1e-12; }) <= 1);
  }
}

TEST_CASE("projected gradient steps lower the objective alike at every vector level", "[rule_kernels]") {
  const Index k = 7, rows = 21;
  const Problem problem = problem_of({rows, k, 15, 18});
  std::vector<std::vector<double>> first;
  for (const auto& [name, rounds] : rounds_levels<double, GradientRounds>()) {
    Guarded<double> gram = Guarded<double>::padded(k, k), b = Guarded<double>::padded(rows, k),
                    x = Guarded<double>::padded(rows, k), lengths = Guarded<double>::padded(rows, 1);
    gram.fill([&](Index i, Index j) { return problem.gram(i, j); });
    b.fill([&](Index i, Index j) { return problem.numerator(i, j); });
    x.fill([](Index i, Index j) { return number_at(19, i, j); });
    lengths.fill([](Index i, Index) {
      return i % 3 == 0 ? 0 : i % 3 == 1 ? 1e3 : 1e-9;
    });  // none, too long, short
    std::vector<double> scratch(static_cast<std::size_t>(rounds_scratch<double>(k)));
    rounds({x.block(), lengths.block(), b.read()}, gram.read(), {0.7, 4, 0, 0, 1e-292}, scratch.data());
    INFO(name);
    CHECK(x.is_intact());
    CHECK(lengths.is_intact());
    for (Index i = 0; i < rows; ++i) {
      const std::vector<double> now(x.row(i), x.row(i) + k);
      if (std::ssize(first) == i) first.push_back(now);
      std::vector<double> right(b.row(i), b.row(i) + k), start;
      for (double& number : right) number -= 0.7;
      for (Index c = 0; c < k; ++c) start.push_back(number_at(19, i, c));
      CHECK(objective_at(problem.gram.view(), right, now) < objective_at(problem.gram.view(), right, start));
      CHECK(lengths(i, 0) > 0);
      for (std::size_t c = 0; c < now.size(); ++c) CHECK(std::fabs(now[c] - first[i][c]) <= 1e-9);
    }
  }
}

namespace {

/// A numerator that is not a number makes its row so, and no other. state is r x columns.
template <class Name>
void check_overflow_is_seen(const std::string& rule, Index state_columns, double state_entry) {
  const Index k = 5, rows = 9;
  const Problem problem = problem_of({rows, k, 11, 20});
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const auto& [name, rounds] : rounds_levels<double, Name>()) {
    Guarded<double> gram = Guarded<double>::padded(k, k), b = Guarded<double>::padded(rows, k),
                    x = Guarded<double>::padded(rows, k), state = Guarded<double>::padded(rows, state_columns);
    gram.fill([&](Index i, Index j) { return problem.gram(i, j); });
    b.fill([&](Index i, Index j) { return i == 4 && j == 2 ? nan : problem.numerator(i, j); });
    x.fill([](Index i, Index j) { return number_at(21, i, j); });
    state.fill([&](Index, Index) { return state_entry; });
    std::vector<double> scratch(static_cast<std::size_t>(rounds_scratch<double>(k)));
    rounds({x.block(), state.block(), b.read()}, gram.read(), {0, 2, 0, 0, 1e-292, 1.0}, scratch.data());
    INFO(name << ", " << rule);
    double own = 0, others = 0;
    for (Index i = 0; i < rows; ++i) {
      for (Index c = 0; c < k; ++c) (i == 4 ? own : others) += x(i, c);
    }
    CHECK(std::isnan(own));
    CHECK(std::isfinite(others));
  }
}

}  // namespace

TEST_CASE("no rule turns an overflow into 0", "[rule_kernels]") {
  check_overflow_is_seen<CoordinateRounds>("hals", 5, 0.1);
  check_overflow_is_seen<GradientRounds>("projected-gradient", 1, 0);
  check_overflow_is_seen<AdmmRounds>("ao-admm", 5, 0.1);
}
