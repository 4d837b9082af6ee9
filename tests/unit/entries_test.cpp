// Entry by entry, at every vector level: quotients and powers of W H, what entries cost, how a factor moves.
#include <span>

#include "catch.hpp"
#include "kernel_support.hpp"
#include "kernels/denormals.hpp"

using namespace mpinmf;

namespace {

constexpr Index all_counts[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 64, 65, 3000};
constexpr double all_betas[] = {0, 0.5, 1.5, 2.5, 3, -1};

template <class T>
constexpr auto epsilon = static_cast<double>(std::numeric_limits<T>::epsilon());
template <class T>
constexpr T largest = sizeof(T) == 8 ? T(1e280) : T(1e30);

/// Entries with guards around: those of v are read, those of the model written too.
template <class T>
struct Entries {
  Guarded<T> v, model, weights, curvatures;
  explicit Entries(Index count)
      : v(Guarded<T>::unaligned(1, count)),
        model(Guarded<T>::unaligned(1, count, T(-777))),
        weights(Guarded<T>::unaligned(1, count, T(-777))),
        curvatures(Guarded<T>::unaligned(1, count, T(-777))) {}
  bool is_intact() { return v.is_intact() && model.is_intact() && weights.is_intact() && curvatures.is_intact(); }
  /// With curvatures where it has some that are >= 0.
  PoweredEntries<T> powered(double beta) {
    T* const curvature = beta > 1 && beta < 2 ? curvatures.row(0) : nullptr;
    return {v.row(0), model.row(0), weights.row(0), curvature, v.columns()};
  }
};

/// One entry's divergence after its definition, in long double; `scale` is how large its terms are.
struct Divergence {
  long double value, scale;
};
Divergence divergence(long double beta, long double v, long double x) {
  const auto sum = [](long double a, long double b, long double c) {
    return Divergence{a + b + c, std::fabs(a) + std::fabs(b) + std::fabs(c)};
  };
  if (beta == 1) return v == 0 ? Divergence{x, x} : sum(v * std::log(v / x), -v, x);
  if (beta == 0) return sum(v / x, -std::log(v / x), -1);
  const long double divisor = beta * (beta - 1);
  return sum(v == 0 ? 0 : std::pow(v, beta) / divisor, std::pow(x, beta) / beta,
             v == 0 ? 0 : -v * std::pow(x, beta - 1) / (beta - 1));
}

/// What an entry is counted as: zeros of W H under v > 0 have a stand-in while beta is below 2.
Divergence counted(long double beta, long double v, long double x, Index& zero_models) {
  if (v == 0 && x == 0) return {0, 0};
  if (x == 0 && beta < 2) {
    ++zero_models;
    x = 1.1920928955078125e-07L * std::min(v, 1.0L);
  }
  return divergence(beta, v, x);
}

template <class T>
EntryCost cost_of(const KernelLevel<T>& level, double beta, Entries<T>& entries) {
  const FlushDenormals flush;  // as in a sweep
  EntryCost cost{0, 0, 0};
  const Index count = entries.v.columns();
  if (beta == 1) {
    level.kernels->quotients({entries.v.row(0), entries.model.row(0), nullptr, count}, count, largest<T>, &cost);
  } else {
    level.kernels->powers(beta, entries.powered(beta), largest<T>, &cost);
  }
  return cost;
}

/// 10^u with u uniform between -digits and digits.
double spread_out(unsigned seed, Index i, double digits) {
  return std::pow(10, digits * (2 * number_at(seed, i, 0) - 1));
}

template <class T>
std::vector<T> odd_numbers() {
  if constexpr (sizeof(T) == 8) {
    return {0, 1e-310, 1e-300, 1e-160, 1e-8, 1, 7.5, 1e16, 1e150, 1e300};
  } else {
    return {0, 1e-40F, 1e-37F, 1e-20F, 1e-8F, 1, 7.5F, 1e16F, 1e37F};
  }
}

/// Denormals count as 0 in a sweep, on processors where that can be had.
template <class T>
T as_read(T x) {
  const FlushDenormals flush;
  volatile T number = x;
  return number > 0 ? x : T(0);
}

}  // namespace

TEMPLATE_TEST_CASE("quotients are v / x and v / x^2", "[entries]", float, double) {
  using T = TestType;
  for (const auto& level : kernel_levels<T>()) {
    for (const Index count : all_counts) {
      Entries<T> entries(count);
      entries.v.fill([](Index, Index j) { return number_at(1, j, 0, true); });
      entries.model.fill([](Index, Index j) { return number_at(2, j, 0, true); });
      std::vector<T> x(entries.model.row(0), entries.model.row(0) + count);
      if (count > 2) x[2] = entries.model(0, 2) = T(1e-35F), entries.v(0, 2) = 1;  // above the largest
      Entries<T> again(count);
      std::copy_n(entries.v.row(0), count, again.v.row(0));
      std::copy_n(entries.model.row(0), count, again.model.row(0));
      level.kernels->quotients({entries.v.row(0), entries.model.row(0), nullptr, count}, count, T(1e20F), nullptr);
      level.kernels->quotients({again.v.row(0), again.model.row(0), again.weights.row(0), count}, count, T(1e20F),
                               nullptr);
      const auto at_most = [](long double quotient) {
        return std::min(static_cast<long double>(T(1e20F)), quotient);
      };
      const auto expected = [&](Index, Index j) {
        const long double below = x[static_cast<std::size_t>(j)];
        return below == 0 ? 0 : at_most(entries.v(0, j) / below);
      };
      const auto second = [&](Index, Index j) {
        const long double below = x[static_cast<std::size_t>(j)];
        return below == 0 ? 0 : at_most(expected(0, j) / below);
      };
      INFO(level.name << ", " << count << " entries");
      const auto tolerance = [](Index, Index) { return 110 * epsilon<T>; };
      CHECK(worst_error(entries.model, expected, tolerance) <= 1);
      CHECK(worst_error(again.model, expected, tolerance) <= 1);
      CHECK(worst_error(again.weights, second, [&](Index, Index j) {
              return static_cast<T>(220 * epsilon<T> * static_cast<double>(1 + second(0, j)));
            }) <= 1);
      CHECK(entries.is_intact());
      CHECK(again.is_intact());
    }
  }
}

TEMPLATE_TEST_CASE("powers are v x^(beta-2) and x^(beta-1) to a few units in the last place of the logarithm",
                   "[entries]", float, double) {
  using T = TestType;
  const double digits = sizeof(T) == 8 ? 6 : 5;
  for (const auto& level : kernel_levels<T>()) {
    for (const double beta : all_betas) {
      for (const Index count : all_counts) {
        Entries<T> entries(count);
        entries.v.fill([](Index, Index j) { return number_at(1, j, 0, true); });
        entries.model.fill([&](Index, Index j) { return j % 9 == 4 ? 0 : spread_out(2, j, digits); });
        const std::vector<T> x(entries.model.row(0), entries.model.row(0) + count);
        level.kernels->powers(beta, entries.powered(beta), largest<T>, nullptr);
        const auto power = [&](Index j, double exponent) {
          const long double base = x[static_cast<std::size_t>(j)];
          return base == 0 ? 0 : std::min<long double>(largest<T>, std::pow(base, exponent));
        };
        const auto model = [&](Index, Index j) { return power(j, beta - 1); };
        const auto weight = [&](Index, Index j) { return entries.v(0, j) * power(j, beta - 2); };
        const auto allowed = [&](const auto& expected, double exponent) {
          return [&expected, &x, exponent](Index i, Index j) {
            const T base = x[static_cast<std::size_t>(j)];
            const double log = base > 0 ? std::fabs(exponent * std::log(base)) : 0;
            return ((4 + log) * epsilon<double> + epsilon<T>)*expected(i, j) + 1e-300;
          };
        };
        INFO(level.name << ", beta " << beta << ", " << count << " entries");
        CHECK(worst_error(entries.model, model, allowed(model, beta - 1)) <= 1);
        CHECK(worst_error(entries.weights, weight, allowed(weight, beta - 1)) <= 1);
        const auto curvature = [&](Index, Index j) {
          return (2 - beta) * entries.v(0, j) * power(j, beta - 3) + (beta - 1) * power(j, beta - 2);
        };
        if (beta > 1 && beta < 2)
          CHECK(worst_error(entries.curvatures, curvature, allowed(curvature, beta + 1)) <= 1);
        CHECK(entries.is_intact());
      }
    }
  }
}

TEMPLATE_TEST_CASE("entries cost what the divergence says to 1e-14, whatever their number and scale", "[entries]",
                   float, double) {
  using T = TestType;
  for (const auto& level : kernel_levels<T>()) {
    for (const double beta : {1.0, 0.0, 0.5, 1.5, 2.5, 3.0, -1.0}) {
      for (const double scale : {1.0, sizeof(T) == 8 ? 1e-40 : 1e-20, sizeof(T) == 8 ? 1e40 : 1e20}) {
        for (const Index count : all_counts) {
          Entries<T> entries(count);
          entries.v.fill([&](Index, Index j) { return scale * number_at(1, j, 0, beta > 0); });
          entries.model.fill([&](Index, Index j) { return scale * spread_out(2, j, 3); });
          long double loss = 0, model = 0, size = 0;
          for (Index j = 0; j < count; ++j) {
            const Divergence one = divergence(beta, entries.v(0, j), entries.model(0, j));
            loss += one.value;
            size += one.scale;
            model += entries.model(0, j);
          }
          const EntryCost cost = cost_of(level, beta, entries);
          INFO(level.name << ", beta " << beta << ", " << count << " entries of " << scale);
          CHECK(std::fabs(cost.loss - loss) <= 1e-14 * (1 + std::fabs(std::log(scale)) / 10) * size);
          CHECK(std::fabs(cost.model - model) <= 1e-14 * model);
          CHECK(cost.zero_models == 0);
          CHECK(entries.is_intact());
        }
      }
    }
  }
}

namespace {

/// The divergence of one entry for a beta close to 0, 1 or 2, to nearly all digits of a long double: by its series
/// in t = log(v / x), x^beta times the sum of t^n / n! (1 + beta + ... + beta^(n-2)), in which nothing cancels for
/// t > 0; v and x change places by d_beta(v | x) = x^beta g(t), g(t) = e^(beta t) g'(-t) with 1 and beta exchanged
/// for 1 - beta.
long double series_divergence(long double beta, long double v, long double x) {
  if (v == 0) return std::pow(x, beta) / beta;
  const long double t = std::log(v / x);
  long double sum = 0, power = t, products = 0, geometric = 1;
  for (int n = 2; n < 200; ++n) {
    power *= t / static_cast<long double>(n);
    products += geometric;
    geometric *= beta;
    sum += power * products;
  }
  return std::pow(x, beta) * sum;
}

}  // namespace

TEMPLATE_TEST_CASE("a beta close to 0, 1 or 2 costs what its limit says, to 1e-12", "[entries]", float, double) {
  using T = TestType;
  for (const auto& level : kernel_levels<T>()) {
    for (const double limit : {0.0, 1.0, 2.0}) {
      for (int digits = 2; digits <= 12; ++digits) {
        for (const double sign : {1.0, -1.0}) {
          const double beta = limit + sign * std::pow(10, -digits);
          for (const double closeness : {3.0, 1.0, 1e-2, 1e-4}) {
            Entries<T> entries(101);
            entries.v.fill([&](Index, Index j) { return spread_out(1, j, 0.3); });
            entries.model.fill(
                [&](Index, Index j) { return entries.v(0, j) * spread_out(2, j, 0.3 * closeness); });
            if (beta > 0) entries.v(0, 7) = 0;
            long double expected = 0;
            for (Index j = 0; j < 101; ++j) {
              expected += series_divergence(beta, entries.v(0, j), entries.model(0, j));
            }
            const EntryCost cost = cost_of(level, beta, entries);
            INFO(level.name << ", beta " << limit << " + " << beta - limit << ", model within " << closeness);
            CHECK(std::fabs(cost.loss - expected) <= 1e-12L * expected);
          }
        }
      }
    }
  }
}

TEST_CASE("what is not a number costs what is not a number", "[entries]") {
  for (const auto& level : kernel_levels<double>()) {
    for (const double beta : {0.0, 1.0, 0.5, 1.5, 3.0, 1e9}) {
      for (const double model : {std::numeric_limits<double>::infinity(), std::nan("")}) {
        Entries<double> entries(9);
        entries.v.fill([](Index, Index) { return 1.5; });
        entries.model.fill([&](Index, Index j) { return j == 5 ? model : 2; });
        INFO(level.name << ", beta " << beta << ", model " << model);
        CHECK(!std::isfinite(cost_of(level, beta, entries).loss));
      }
    }
  }
}

TEMPLATE_TEST_CASE("odd entries cost what the divergence says", "[entries]", float, double) {
  using T = TestType;
  for (const auto& level : kernel_levels<T>()) {
    for (const double beta : {1.0, 0.0, 0.5, 1.5, 2.5, 3.0, -1.0}) {
      for (const T v : odd_numbers<T>()) {
        if (as_read(v) == 0 && beta <= 0) continue;  // refused before any sweep
        for (const T x : odd_numbers<T>()) {
          for (const Index others : {0, 8}) {  // entries beside it that are not odd
            Entries<T> entries(1 + others);
            entries.v.fill([&](Index, Index j) { return j == others / 2 ? v : T(1); });
            entries.model.fill([&](Index, Index j) { return j == others / 2 ? x : T(2); });
            Index zero_models = 0;
            const Divergence odd = counted(beta, as_read(v), as_read(x), zero_models);
            const Divergence other = divergence(beta, 1, 2);
            const long double expected = odd.value + static_cast<long double>(others) * other.value;
            const long double size = odd.scale + static_cast<long double>(others) * other.scale;
            const EntryCost cost = cost_of(level, beta, entries);
            INFO(level.name << ", beta " << beta << ", v " << v << ", x " << x << ", " << others << " others");
            CHECK(cost.loss >= 0);
            if (size < 1e300L) CHECK(std::fabs(cost.loss - expected) <= 1e-13 * size + 1e-300L);
            CHECK(cost.zero_models == static_cast<double>(zero_models));
          }
        }
      }
    }
  }
}

TEMPLATE_TEST_CASE("quotients and powers of odd numbers stay within bounds", "[entries]", float, double) {
  using T = TestType;
  const FlushDenormals flush;
  for (const auto& level : kernel_levels<T>()) {
    for (const double beta : {1.0, 0.0, 0.5, 1.5, 2.5, 3.0, -1.0}) {
      for (const T v : odd_numbers<T>()) {
        for (const T x : odd_numbers<T>()) {
          for (const Index count : {1, 16}) {
            Entries<T> entries(count);
            entries.v.fill([&](Index, Index) { return v; });
            entries.model.fill([&](Index, Index) { return x; });
            if (beta == 1) {
              level.kernels->quotients({entries.v.row(0), entries.model.row(0), nullptr, count}, count, largest<T>,
                                       nullptr);
            } else {
              level.kernels->powers(beta, entries.powered(beta), largest<T>, nullptr);
            }
            INFO(level.name << ", beta " << beta << ", v " << v << ", x " << x);
            const auto is_bounded = [](Guarded<T>& numbers) {
              const std::span<T> all(numbers.row(0), static_cast<std::size_t>(numbers.columns()));
              return std::all_of(all.begin(), all.end(), [](T y) { return y >= 0 && y <= largest<T>; });
            };
            CHECK((is_bounded(entries.model) && is_bounded(entries.weights)));
            if (beta == 1.5) CHECK(is_bounded(entries.curvatures));
            if (!(x > 0)) CHECK((entries.model(0, count - 1) == 0 && entries.weights(0, count - 1) == 0));
            if (v == 0) CHECK(entries.weights(0, count - 1) == 0);
          }
        }
      }
    }
  }
}

/// One move of rows x k entries: some zeros, some at the floor, some under numerators whose quotient is denormal.
template <class T>
void check_move(const KernelLevel<T>& level, Index rows, Index k, double exponent, bool is_one_row) {
  constexpr T least = sizeof(T) == 8 ? T(1e-292) : std::numeric_limits<T>::min();
  auto x = Guarded<T>::padded(rows, k), numerator = Guarded<T>::padded(rows, k);
  auto denominator = Guarded<T>::padded(is_one_row ? 1 : rows, k);
  x.fill([&](Index i, Index c) { return (i + c) % 6 == 5 ? least : T(number_at(1, i, c, true)); });
  numerator.fill([](Index i, Index c) {
    return (i + c) % 5 == 3 ? std::numeric_limits<T>::min() : T(number_at(2, i, c, true));
  });
  denominator.fill([](Index i, Index c) { return 10 * number_at(3, i, c, true); });
  std::vector<T> old;
  for (Index i = 0; i < rows; ++i) old.insert(old.end(), x.row(i), x.row(i) + k);
  Block<const T> below = denominator.read();
  if (is_one_row) below.stride = 0;
  const T zero_below = rows == 5 ? T(0.01F) : T(0);
  level.kernels->move(x.block(), numerator.read(), below, {exponent, zero_below, least});
  const auto quotient = [&](Index i, Index c) -> long double {
    const T above = numerator(i, c), under = denominator(is_one_row ? 0 : i, c);
    return under == 0 ? 0 : static_cast<long double>(above) / under;
  };
  const auto expected = [&](Index i, Index c) -> long double {
    const long double before = old[static_cast<std::size_t>(i * k + c)];
    if (before == 0 || quotient(i, c) == 0) return 0;
    const long double moved = std::max<long double>(least, before * std::pow(quotient(i, c), exponent));
    return moved < zero_below ? 0 : moved;
  };
  const auto rounding = [&](Index i, Index c) {
    const long double q = quotient(i, c), of_exponent = q > 0 ? std::fabs(std::log(q)) : 0;
    const bool has_lost_digits = q < std::numeric_limits<T>::min();  // denormal
    return (has_lost_digits ? 1e-5L : (4 + of_exponent) * epsilon<T>)*expected(i, c) + 1e-320L;
  };
  INFO(level.name << ", k = " << k << ", " << rows << " rows, exponent " << exponent << ", one row "
                  << is_one_row);
  CHECK(worst_error(x, expected, rounding) <= 1);
  CHECK((x.is_intact() && numerator.is_intact() && denominator.is_intact()));
}

TEMPLATE_TEST_CASE("move multiplies by the power of a quotient, keeps zeros and holds the rest above denormals",
                   "[entries]", float, double) {
  for (const auto& level : kernel_levels<TestType>()) {
    for (const Index k : {1, 7, 8, 9, 16, 20, 31, 64, 129}) {
      for (const Index rows : {0, 1, 5}) {
        for (const bool is_one_row : {false, true}) {
          for (const double exponent : {1.0, 0.5, 1 / 1.5, 1.0 / 3})
            check_move(level, rows, k, exponent, is_one_row);
          const FlushDenormals flush;  // as in a sweep
          check_move(level, rows, k, 1, is_one_row);
        }
      }
    }
  }
}

TEMPLATE_TEST_CASE("row products are summed in double", "[entries]", float, double) {
  using T = TestType;
  for (const auto& level : kernel_levels<T>()) {
    for (const Index k : {1, 7, 8, 9, 16, 20, 31, 64, 100, 129, 300}) {
      for (const Index rows : {0, 1, 2, 13}) {
        for (const bool is_one_row : {false, true}) {
          auto x = Guarded<T>::padded(rows, k), y = Guarded<T>::padded(is_one_row ? 1 : rows, k);
          x.fill([](Index i, Index c) { return number_at(1, i, c); });
          y.fill([](Index i, Index c) { return number_at(2, i, c); });
          auto products = Guarded<double>::unaligned(1, rows, -777);
          Block<const T> other = y.read();
          if (is_one_row) other.stride = 0;
          level.kernels->row_products(x.read(), other, products.row(0));
          const auto expected = [&](Index, Index i) {
            long double sum = 0;
            for (Index c = 0; c < k; ++c) sum += static_cast<long double>(x(i, c)) * y(is_one_row ? 0 : i, c);
            return sum;
          };
          INFO(level.name << ", k = " << k << ", " << rows << " rows, one row " << is_one_row);
          CHECK(worst_error(products, expected, [&](Index, Index i) { return 1e-14 * expected(0, i); }) <= 1);
          CHECK((x.is_intact() && y.is_intact() && products.is_intact()));
        }
      }
    }
  }
}
