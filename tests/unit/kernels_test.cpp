// Products of panels with the factors, at every vector level, against plain loops in long double.
#include "catch.hpp"
#include "kernel_support.hpp"

using namespace mpinmf;

namespace {

constexpr Index all_components[] = {1, 7, 8, 9, 16, 20, 24, 31, 64, 100, 129, 300};
constexpr Index all_rows[] = {0, 1, 2, 5, 8, 13, 64};
constexpr Index all_inner[] = {0, 1, 7, 127, 128, 129, 300};

template <class T>
constexpr auto epsilon = static_cast<long double>(std::numeric_limits<T>::epsilon());

/// A result beside the sum of its terms, which are all positive, and how many these are.
struct Sum {
  long double value = 0;
  Index terms = 0;
  void add(long double term) {
    value += term;
    ++terms;
  }
};
using SumMatrix = std::vector<std::vector<Sum>>;

SumMatrix sums(Index rows, Index columns) {
  return SumMatrix(static_cast<std::size_t>(rows), std::vector<Sum>(static_cast<std::size_t>(columns)));
}
Sum& at(SumMatrix& matrix, Index i, Index j) {
  return matrix[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)];
}

/// Whether every number is its sum to rounding, and nothing else was touched.
template <class T>
bool is_sum(Guarded<T>& result, SumMatrix& expected) {
  const auto value = [&](Index i, Index j) { return at(expected, i, j).value; };
  const auto rounding = [&](Index i, Index j) {
    const Sum& sum = at(expected, i, j);
    return static_cast<long double>(sum.terms + 1) * epsilon<T> * sum.value + std::numeric_limits<T>::min();
  };
  return worst_error(result, value, rounding) <= 1 && result.is_intact();
}

template <class F>
void for_shapes(F&& f) {
  for (const Index k : all_components) {
    for (const Index rows : all_rows) {
      for (const Index inner : all_inner) f(k, rows, inner);
    }
  }
}

template <class T>
Guarded<T> some_factor(Index rows, Index k, unsigned seed) {
  auto factor = Guarded<T>::padded(rows, k, std::numeric_limits<T>::quiet_NaN());
  factor.fill([&](Index i, Index c) { return number_at(seed, i, c); });
  return factor;
}

template <class T>
Guarded<T> earlier_result(Index rows, Index k) {
  auto result = Guarded<T>::padded(rows, k);
  result.fill([](Index i, Index c) { return number_at(9, i, c); });
  return result;
}

/// Some rows of a sparse V among columns first .. first + count - 1: empty rows at both ends and between, full
/// ones, a column that every other row has, twice in some.
template <class T>
struct SomeRows {
  std::vector<Index> begins, ends;
  std::vector<std::int32_t> columns;
  std::vector<T> values;

  SomeRows(Index rows, Index first, Index count) {
    for (Index i = 0; i < rows; ++i) {
      columns.push_back(0);  // of no row: lies between two of them, as the columns of other threads do
      values.push_back(std::numeric_limits<T>::quiet_NaN());
      begins.push_back(static_cast<Index>(columns.size()));
      const bool is_empty = i % 5 == 0 || count == 0;
      if (!is_empty) add_row(i, first, count);
      ends.push_back(static_cast<Index>(columns.size()));
    }
  }
  SparseRows<T> read() const {
    return {static_cast<Index>(begins.size()), begins.data(), ends.data(), columns.data(), values.data()};
  }
  Index longest_row() const {
    Index longest = 0;
    for (std::size_t i = 0; i < begins.size(); ++i) longest = std::max(longest, ends[i] - begins[i]);
    return longest;
  }
  template <class F>
  void for_entries(F&& f) const {
    for (std::size_t i = 0; i < begins.size(); ++i) {
      for (auto q = static_cast<std::size_t>(begins[i]); q < static_cast<std::size_t>(ends[i]); ++q)
        f(static_cast<Index>(i), Index{columns[q]}, static_cast<long double>(values[q]));
    }
  }

 private:
  void add_row(Index i, Index first, Index count) {
    const Index step = i % 5 == 1 ? 1 : i % 7 + 2;
    const auto add = [&](Index j) {
      columns.push_back(static_cast<std::int32_t>(first + j));
      values.push_back(static_cast<T>(number_at(5, i, static_cast<Index>(columns.size()))));
    };
    if (i % 3 == 0) add(0);
    for (Index j = 0; j < count; j += step) add(j);
  }
};

}  // namespace

TEMPLATE_TEST_CASE("multiply is a b, added or not", "[kernels]", float, double) {
  using T = TestType;
  for_shapes([](Index k, Index rows, Index inner) {
    auto a = Guarded<T>::unaligned(rows, inner);
    a.fill([](Index i, Index j) { return number_at(1, i, j, true); });
    auto b = some_factor<T>(inner, k, 2);
    for (const bool add : {false, true}) {
      SumMatrix expected = sums(rows, k);
      for (Index i = 0; i < rows; ++i) {
        for (Index c = 0; c < k; ++c) {
          if (add) at(expected, i, c).add(static_cast<T>(number_at(9, i, c)));
          for (Index j = 0; j < inner; ++j) at(expected, i, c).add(static_cast<long double>(a(i, j)) * b(j, c));
        }
      }
      for (const auto& level : kernel_levels<T>()) {
        auto c = earlier_result<T>(rows, k);
        level.kernels->multiply(a.read(), b.read(), c.block(), add);
        INFO(level.name << ", k = " << k << ", " << rows << " rows, inner " << inner << ", add " << add);
        CHECK(is_sum(c, expected));
      }
    }
  });
}

TEMPLATE_TEST_CASE("multiply_transposed adds a' b", "[kernels]", float, double) {
  using T = TestType;
  for_shapes([](Index k, Index rows, Index inner) {
    auto a = Guarded<T>::unaligned(rows, inner);
    a.fill([](Index i, Index j) { return number_at(1, i, j, true); });
    auto b = some_factor<T>(rows, k, 2);
    SumMatrix expected = sums(inner, k);
    for (Index j = 0; j < inner; ++j) {
      for (Index c = 0; c < k; ++c) {
        at(expected, j, c).add(static_cast<T>(number_at(9, j, c)));
        for (Index i = 0; i < rows; ++i) at(expected, j, c).add(static_cast<long double>(a(i, j)) * b(i, c));
      }
    }
    for (const auto& level : kernel_levels<T>()) {
      for (const Index rows_ahead : {Index{0}, rows}) {
        auto c = earlier_result<T>(inner, k);
        level.kernels->multiply_transposed(a.read(), b.read(), c.block(), rows_ahead);
        INFO(level.name << ", k = " << k << ", " << rows << " rows, inner " << inner << ", ahead " << rows_ahead);
        CHECK(is_sum(c, expected));
      }
    }
  });
}

TEMPLATE_TEST_CASE("cross and accumulate take the stored entries of sparse rows", "[kernels]", float, double) {
  using T = TestType;
  for_shapes([](Index k, Index rows, Index n) {
    const Index first = n / 3;  // the columns before are other threads'
    const SomeRows<T> v(rows, first, n - first);
    auto ht = some_factor<T>(n, k, 3), w = some_factor<T>(rows, k, 4);
    SumMatrix expected_cross = sums(rows, k), expected_sums = sums(n, k);
    for (Index j = 0; j < n; ++j) {
      for (Index c = 0; c < k; ++c) at(expected_sums, j, c).add(static_cast<T>(number_at(9, j, c)));
    }
    v.for_entries([&](Index i, Index j, long double value) {
      for (Index c = 0; c < k; ++c) {
        at(expected_cross, i, c).add(value * ht(j, c));
        at(expected_sums, j, c).add(value * w(i, c));
      }
    });
    for (const auto& level : kernel_levels<T>()) {
      INFO(level.name << ", k = " << k << ", " << rows << " rows, " << n << " columns");
      auto out = earlier_result<T>(rows, k), s = earlier_result<T>(n, k);
      level.kernels->cross(v.read(), ht.read(), out.block());
      CHECK(is_sum(out, expected_cross));
      level.kernels->accumulate(v.read(), w.read(), s.block());
      CHECK(is_sum(s, expected_sums));
    }
  });
}

TEMPLATE_TEST_CASE("quotients by W H in one walk over sparse rows, and what they cost", "[kernels]", float,
                   double) {
  using T = TestType;
  constexpr T largest = 1e30F;
  for_shapes([](Index k, Index rows, Index n) {
    const SomeRows<T> v(rows, 0, n);
    auto ht = some_factor<T>(n, k, 3), w = some_factor<T>(rows, k, 4);
    for (Index c = 0; c < k && rows > 2; ++c) w(2, c) = 0;  // W H = 0 in a whole row
    SumMatrix expected_cross = sums(rows, k), expected_sums = sums(n, k);
    for (Index j = 0; j < n; ++j) {
      for (Index c = 0; c < k; ++c) at(expected_sums, j, c).add(static_cast<T>(number_at(9, j, c)));
    }
    SumMatrix expected_curvature = expected_sums;
    long double loss = 0, model = 0, size = 0;
    Index zero_models = 0;
    v.for_entries([&](Index i, Index j, long double value) {
      long double x = 0;
      for (Index c = 0; c < k; ++c) x += static_cast<long double>(w(i, c)) * ht(j, c);
      const long double instead = x > 0 ? x : 1.1920928955078125e-07L * std::min(value, 1.0L);
      zero_models += x > 0 ? 0 : 1;
      model += x;
      loss += value * std::log(value / instead) - value + instead;
      size += value + x;
      if (x == 0) return;
      for (Index c = 0; c < k; ++c) {
        at(expected_cross, i, c).add(value / x * ht(j, c));
        at(expected_cross, i, c).terms += k;
        at(expected_sums, j, c).add(value / x * w(i, c));
        at(expected_sums, j, c).terms += k;
        at(expected_curvature, j, c).add(value / x / x * w(i, c) * w(i, c));
        at(expected_curvature, j, c).terms += 2 * k;
      }
    });
    const auto rounding = static_cast<double>(static_cast<long double>(k + 8) * epsilon<T> * (size + 3));
    for (const auto& level : kernel_levels<T>()) {
      for (const bool with_cost : {false, true}) {
        INFO(level.name << ", k = " << k << ", " << rows << " rows, " << n << " columns, cost " << with_cost);
        auto out = earlier_result<T>(rows, k), s = earlier_result<T>(n, k), curvature = earlier_result<T>(n, k);
        std::vector<T> quotients(static_cast<std::size_t>(v.longest_row()));
        EntryCost of_cross{1, 2, 3}, of_sums{1, 2, 3};
        level.kernels->cross_quotients(v.read(), w.read(), ht.read(), out.block(), quotients.data(), largest,
                                       with_cost ? &of_cross : nullptr);
        CHECK(is_sum(out, expected_cross));
        level.kernels->accumulate_quotients(v.read(), w.read(), ht.read(), {s.block(), {}}, quotients.data(),
                                            largest, with_cost ? &of_sums : nullptr);
        CHECK(is_sum(s, expected_sums));
        s = earlier_result<T>(n, k);
        level.kernels->accumulate_quotients(v.read(), w.read(), ht.read(), {s.block(), curvature.block()},
                                            quotients.data(), largest, nullptr);
        CHECK(is_sum(s, expected_sums));
        CHECK(is_sum(curvature, expected_curvature));
        for (const EntryCost& cost : {of_cross, of_sums}) {
          CHECK(std::fabs(cost.loss - 1 - (with_cost ? static_cast<double>(loss) : 0)) <= rounding);
          CHECK(std::fabs(cost.model - 2 - (with_cost ? static_cast<double>(model) : 0)) <= rounding);
          CHECK(cost.zero_models - 3 == (with_cost ? static_cast<double>(zero_models) : 0));
        }
      }
    }
  });
}
