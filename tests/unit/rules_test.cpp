// The least-squares rules: exact ones against brute force, all of them by what they promise.
#include <cmath>
#include <cstring>
#include <functional>
#include <numeric>
#include <optional>
#include <string>

#include "catch.hpp"
#include "kernel_support.hpp"
#include "rules/active_set.hpp"
#include "rules/rule.hpp"

using namespace mpinmf;

namespace {

const std::vector<std::string> least_squares_rules{"mu",       "amu",    "hals", "ahals", "projected-gradient",
                                                   "anls-bpp", "ao-admm"};
constexpr double epsilon = std::numeric_limits<double>::epsilon();

/// What a half-step starts from: minimise x G x' / 2 - (b - l1) x' for every row x >= 0, G with l2.
struct Problem {
  Matrix<double> gram, numerator;  // k x k, r x k
  double l1 = 0, l2 = 0;
  Index rows() const { return numerator.rows(); }
  Index components() const { return gram.rows(); }
};

/// G = H H' and b = V H' of other factor H (k x n) and rows V >= 0 that are near W H for some W, with zeros.
struct Shape {
  Index rows, components, features;
  unsigned seed;
};
Matrix<double> other_factor(const Shape& shape) {
  Matrix<double> h(shape.components, shape.features);
  for (Index c = 0; c < h.rows(); ++c) {
    for (Index j = 0; j < h.columns(); ++j) h(c, j) = number_at(shape.seed, c, j, true);
  }
  return h;
}
Problem problem_of(const Shape& shape, const Matrix<double>& h) {
  const Index k = shape.components;
  Problem problem{Matrix<double>(k, k), Matrix<double>(shape.rows, k)};
  for (Index a = 0; a < k; ++a) {
    for (Index c = 0; c < k; ++c) {
      for (Index j = 0; j < h.columns(); ++j) problem.gram(a, c) += h(a, j) * h(c, j);
    }
  }
  for (Index i = 0; i < shape.rows; ++i) {
    for (Index j = 0; j < h.columns(); ++j) {
      double v = 2 * number_at(shape.seed + 1, i, j);
      for (Index c = 0; c < k; ++c) v += (number_at(shape.seed + 2, i, c) < 0.5 ? 0 : 1) * h(c, j);
      for (Index c = 0; c < k; ++c) problem.numerator(i, c) += v * h(c, j);
    }
  }
  return problem;
}
Problem problem_of(const Shape& shape) {
  return problem_of(shape, other_factor(shape));
}

/// Rows of a factor, with what a rule needs to move them.
template <class T>
class Mover {
 public:
  Mover(const std::string& name, const Problem& problem, int rounds = 1)
      : rule_(find_rule<T>(name)),
        scratch_(make_rule_scratch(rule_, problem.rows(), problem.components())),
        numerator_(Matrix<T>::padded(problem.rows(), problem.components())),
        x_(Matrix<T>::padded(problem.rows(), problem.components())) {
    RuleSettings settings;
    settings.l1 = problem.l1;
    settings.l2 = problem.l2;
    settings.most_rounds = rounds;
    begin_half_step<T>(rule_, settings, problem.gram.view(), half_step_);
    for (Index i = 0; i < problem.rows(); ++i) {
      for (Index c = 0; c < problem.components(); ++c) numerator_(i, c) = static_cast<T>(problem.numerator(i, c));
    }
    if (rule_.state_columns != nullptr) {
      state_ = Matrix<T>::padded(problem.rows(), rule_.state_columns(problem.components()));
    }
  }

  Matrix<T>& x() { return x_; }
  void start(const std::function<double(Index, Index)>& value) {
    for (Index i = 0; i < x_.rows(); ++i) {
      for (Index c = 0; c < x_.columns(); ++c) x_(i, c) = static_cast<T>(value(i, c));
    }
  }
  void move(Index first, Index count) {
    const ConstMatrixView<T> numerator = numerator_.view(), gram = half_step_.gram.view();
    MatrixView<T> state;
    if (state_.rows() > 0) state = state_.view().middle_rows(first, count);
    rule_.move(half_step_, {StatisticsShape::gram, numerator.middle_rows(first, count), gram}, scratch_,
               {x_.view().middle_rows(first, count), state});
  }
  void move() { move(0, x_.rows()); }

  /// x G x' / 2 - (b - l1) x' of row i, of what the rule was given.
  double objective(Index i, const std::function<double(Index)>& x) const {
    double sum = 0;
    for (Index a = 0; a < x_.columns(); ++a) {
      double product = 0;
      for (Index c = 0; c < x_.columns(); ++c) product += half_step_.exact_gram(a, c) * x(c);
      sum += x(a) * (product / 2 - static_cast<double>(numerator_(i, a)) + half_step_.settings.l1);
    }
    return sum;
  }
  double objective(Index i) const {
    return objective(i, [&](Index c) { return static_cast<double>(x_(i, c)); });
  }
  std::vector<double> b(Index i) const {
    std::vector<double> result;
    for (Index c = 0; c < x_.columns(); ++c) {
      result.push_back(static_cast<double>(numerator_(i, c)) - half_step_.settings.l1);
    }
    return result;
  }
  const HalfStep<T>& half_step() const { return half_step_; }

 private:
  const Rule<T>& rule_;
  HalfStep<T> half_step_;
  RuleScratch<T> scratch_;
  Matrix<T> numerator_, x_, state_;
};

/// x_F = G_FF^-1 b_F by Gauss-Jordan elimination; nothing where G_FF is singular to rounding.
std::optional<std::vector<double>> solve_on(const std::vector<Index>& set, ConstMatrixView<double> gram,
                                            const std::vector<double>& b) {
  const std::size_t size = set.size();
  std::vector<std::vector<long double>> rows(size);
  for (std::size_t i = 0; i < size; ++i) {
    for (const Index c : set) rows[i].push_back(gram(set[i], c));
    rows[i].push_back(b[static_cast<std::size_t>(set[i])]);
  }
  for (std::size_t p = 0; p < size; ++p) {
    if (rows[p][p] <= 1e-13L * gram(set[p], set[p])) return std::nullopt;
    for (std::size_t i = 0; i < size; ++i) {
      if (i == p) continue;
      const long double factor = rows[i][p] / rows[p][p];
      for (std::size_t j = p; j <= size; ++j) rows[i][j] -= factor * rows[p][j];
    }
  }
  std::vector<double> x(b.size());
  for (std::size_t i = 0; i < size; ++i) {
    x[static_cast<std::size_t>(set[i])] = static_cast<double>(rows[i][size] / rows[i][i]);
  }
  return x;
}

double objective_at(ConstMatrixView<double> gram, const std::vector<double>& b, const std::vector<double>& x) {
  double sum = 0;
  for (Index a = 0; a < gram.rows(); ++a) {
    double product = 0;
    for (Index c = 0; c < gram.rows(); ++c) product += gram(a, c) * x[static_cast<std::size_t>(c)];
    sum += x[static_cast<std::size_t>(a)] * (product / 2 - b[static_cast<std::size_t>(a)]);
  }
  return sum;
}

/// The best of all sets whose solution is >= 0.
std::vector<double> best_of_all_sets(ConstMatrixView<double> gram, const std::vector<double>& b) {
  std::vector<double> best(b.size());
  double least = 0;
  for (Index bits = 1; bits < Index{1} << gram.rows(); ++bits) {
    std::vector<Index> set;
    for (Index c = 0; c < gram.rows(); ++c) {
      if ((bits >> c) % 2 == 1) set.push_back(c);
    }
    const auto x = solve_on(set, gram, b);
    if (!x || *std::min_element(x->begin(), x->end()) < 0) continue;
    const double value = objective_at(gram, b, *x);
    if (value < least) {
      least = value;
      best = *x;
    }
  }
  return best;
}

/// Lawson and Hanson's algorithm, for a G that is not singular.
std::vector<double> lawson_hanson(ConstMatrixView<double> gram, const std::vector<double>& b) {
  const Index k = gram.rows();
  std::vector<double> x(b.size());
  std::vector<Index> set;
  for (Index step = 0; step < 10 * k; ++step) {
    Index most = -1;
    double steepest = 1e-12 * *std::max_element(b.begin(), b.end());
    for (Index c = 0; c < k; ++c) {
      double descent = b[static_cast<std::size_t>(c)];
      for (Index a = 0; a < k; ++a) descent -= gram(c, a) * x[static_cast<std::size_t>(a)];
      if (std::find(set.begin(), set.end(), c) != set.end() || !(descent > steepest)) continue;
      steepest = descent;
      most = c;
    }
    if (most < 0) return x;
    set.push_back(most);
    for (;;) {
      const std::vector<double> aim = solve_on(set, gram, b).value();
      double length = 1;
      for (const Index c : set) {
        const auto at = static_cast<std::size_t>(c);
        if (aim[at] <= 0) length = std::min(length, x[at] / (x[at] - aim[at]));
      }
      for (std::size_t c = 0; c < x.size(); ++c) x[c] += length * (aim[c] - x[c]);
      if (length == 1) break;
      std::erase_if(set, [&](Index c) { return x[static_cast<std::size_t>(c)] <= 1e-14; });
      for (Index c = 0; c < k; ++c) {
        if (std::find(set.begin(), set.end(), c) == set.end()) x[static_cast<std::size_t>(c)] = 0;
      }
    }
  }
  return x;
}

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

TEST_CASE("systems on sets of components are solved at every vector level", "[rules]") {
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

TEST_CASE("rounds of multipliers are those of the paper at every vector level", "[rules]") {
  const Index k = 7, rows = 21;
  const Problem problem = problem_of({rows, k, 15, 15});
  Mover<double> mover("ao-admm", problem, 3);  // for its half-step
  const HalfStep<double>& half_step = mover.half_step();
  for (const auto& [name, kernels] : kernel_levels<double>()) {
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
    kernels->penalty_rounds({x.block(), u.block(), b.read()}, {inverse.read(), half_step.rho, never},
                            {0.7, 3, 0, 0, 1e-292}, scratch.data());
    INFO(name);
    CHECK(x.is_intact());
    CHECK(u.is_intact());
    CHECK(worst_error(
              x, [&](Index i, Index c) { return expected[i][c]; }, [](Index, Index) { return 1e-12; }) <= 1);
  }
}

TEST_CASE("projected gradient steps lower the objective alike at every vector level", "[rules]") {
  const Index k = 7, rows = 21;
  const Problem problem = problem_of({rows, k, 15, 18});
  std::vector<std::vector<double>> first;
  for (const auto& [name, kernels] : kernel_levels<double>()) {
    Guarded<double> gram = Guarded<double>::padded(k, k), b = Guarded<double>::padded(rows, k),
                    x = Guarded<double>::padded(rows, k), lengths = Guarded<double>::padded(rows, 1);
    gram.fill([&](Index i, Index j) { return problem.gram(i, j); });
    b.fill([&](Index i, Index j) { return problem.numerator(i, j); });
    x.fill([](Index i, Index j) { return number_at(19, i, j); });
    lengths.fill([](Index i, Index) {
      return i % 3 == 0 ? 0 : i % 3 == 1 ? 1e3 : 1e-9;
    });  // none, too long, short
    std::vector<double> scratch(static_cast<std::size_t>(rounds_scratch<double>(k)));
    kernels->gradient_rounds({x.block(), lengths.block(), b.read()}, gram.read(), {0.7, 4, 0, 0, 1e-292},
                             scratch.data());
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
