// The one pass over V that checks every entry and sums up all of them, beside plain loops.
#include "data/entry_summary.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include "catch.hpp"
#include "contains.hpp"

using namespace mpinmf;

namespace {

/// rows x columns, all but one in nine above 0.
template <class T>
std::vector<T> mixed(Index rows, Index columns) {
  std::vector<T> values;
  for (Index i = 0; i < rows * columns; ++i) {
    values.push_back(i % 9 == 4 ? T(0) : static_cast<T>(1 + (i * 37) % 101) / 7);
  }
  return values;
}

template <class T>
LocalSummary seen(std::vector<T>& values, Index columns, Index first = 0, bool takes_nan = false) {
  LocalSummary all;
  const auto rows = static_cast<Index>(values.size()) / columns;
  see_rows(ConstMatrixView<T>(values.data(), rows, columns, columns), values.data(), {"V", first, takes_nan}, all);
  return all;
}

/// The entries other than 0, in compressed rows.
template <class T>
LocalSummary seen_sparse(const std::vector<T>& values, Index columns) {
  std::vector<Index> offsets{0};
  std::vector<std::int32_t> indices;
  std::vector<T> stored;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const Index column = static_cast<Index>(i) % columns;
    if (values[i] != 0) {
      indices.push_back(static_cast<std::int32_t>(column));
      stored.push_back(values[i]);
    }
    if (column + 1 == columns) offsets.push_back(static_cast<Index>(stored.size()));
  }
  LocalSummary all;
  see_rows(CsrView<T>{columns, offsets, indices, stored}, stored.data(), {"V", 0, false}, all);
  return all;
}

}  // namespace

TEMPLATE_TEST_CASE("sums, counts and limits are those of a loop, for any number of columns", "[entry_summary]",
                   float, double) {
  for (Index columns = 1; columns <= 35; ++columns) {
    CAPTURE(columns);
    auto values = mixed<TestType>(7, columns);
    const LocalSummary all = seen(values, columns);
    double sum = 0, squares = 0, least = HUGE_VAL, most = 0;
    Index nonzeros = 0;
    for (const double v : values) {
      sum += v;
      squares += v * v;
      least = std::min(least, v);
      most = std::max(most, v);
      nonzeros += v != 0 ? 1 : 0;
    }
    CHECK(all.sum == Approx(sum).epsilon(1e-14));
    CHECK(all.sum_squares == Approx(squares).epsilon(1e-14));
    CHECK(all.minimum == least);
    CHECK(all.maximum == most);
    CHECK(all.nonzeros == nonzeros);
    CHECK(all.stored == 7 * columns);
    CHECK(all.weight == static_cast<double>(7 * columns));
    CHECK(all.first_zero_row * columns + all.first_zero_column == (7 * columns > 4 ? 4 : -1 - columns));
    REQUIRE(all.row_squares.size() == 7);
    double of_row = 0;
    for (Index j = 0; j < columns; ++j) of_row += std::pow(values[static_cast<std::size_t>(3 * columns + j)], 2);
    CHECK(all.row_squares[3] == Approx(of_row).epsilon(1e-14));
  }
}

TEMPLATE_TEST_CASE("a row has the same bits dense and sparse, and wherever it is read first", "[entry_summary]",
                   float, double) {
  for (const Index columns : {3, 8, 29, 64}) {
    CAPTURE(columns);
    auto values = mixed<TestType>(12, columns);
    const LocalSummary whole = seen(values, columns);
    CHECK(seen_sparse(values, columns).row_squares == whole.row_squares);
    for (Index row = 0; row < 12; ++row) {  // alone, the first row with a zero is seen entry by entry
      const auto begin = values.begin() + row * columns;
      std::vector<TestType> own(begin, begin + columns);
      CHECK(seen(own, columns, row).row_squares.front() == whole.row_squares[static_cast<std::size_t>(row)]);
    }
  }
}

TEMPLATE_TEST_CASE("a bad entry is found in every column and named", "[entry_summary]", float, double) {
  using Limits = std::numeric_limits<TestType>;
  constexpr Index columns = 21;
  for (Index j = 0; j < columns; ++j) {
    CAPTURE(j);
    const auto with = [&](TestType bad) {
      std::vector<TestType> values(2 * columns, TestType(2));
      values[static_cast<std::size_t>(columns + j)] = bad;
      return values;
    };
    const std::string place = "row 41, column " + std::to_string(j) + " ";
    for (const TestType bad :
         {Limits::quiet_NaN(), Limits::infinity(), TestType(-1), -Limits::denorm_min(), -Limits::infinity()}) {
      auto values = with(bad);
      CHECK_THROWS_WITH(seen(values, columns, 40), Contains(place));
    }
    auto unknown = with(Limits::quiet_NaN());
    const LocalSummary all = seen(unknown, columns, 40, true);
    CHECK(all.unknown == 1);
    CHECK(all.sum == 2 * (2 * columns - 1));
    auto tiny = with(Limits::min() / 2);
    const LocalSummary flushed = seen(tiny, columns, 40);
    CHECK(flushed.flushed == 1);
    CHECK(flushed.first_zero_column == j);
    CHECK(tiny[static_cast<std::size_t>(columns + j)] == 0);
    auto negative_zero = with(-TestType(0));
    CHECK(seen(negative_zero, columns, 40).nonzeros == 2 * columns - 1);
  }
}

TEST_CASE("a sum beyond double is no bad entry", "[entry_summary]") {
  std::vector<double> values(16, 1.5e308);
  CHECK(seen(values, 16).sum == HUGE_VAL);
}
