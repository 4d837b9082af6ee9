// Counts in tiles of rows and blocks of columns: kernels at every level, and the way there and back.
#include "catch.hpp"
#include "data/column_blocks.hpp"
#include "kernel_support.hpp"
#include "kernels/panel.hpp"

using namespace mpinmf;

namespace {

/// Lines of counts 0 to 9 that meet `places` rows of a factor: empty lines, full ones, and both ends of a row.
struct SomeLines {
  std::vector<std::uint32_t> ends{7}, words = std::vector<std::uint32_t>(7, 0);  // those of earlier lines

  SomeLines(Index lines, Index places) {
    for (Index l = 0; l < lines; ++l) {
      for (Index j = l % 3; j < places && l % 4 != 0; j += l % 5 + 1) {
        words.push_back(static_cast<std::uint32_t>(j) | static_cast<std::uint32_t>((l + j) % 10) << 16);
      }
      ends.push_back(static_cast<std::uint32_t>(words.size()));
    }
  }
  template <class T>
  CountLines<T> read(const std::vector<T>& values) const {
    return {static_cast<Index>(ends.size()) - 1, ends.data(), words.data(), values.data()};
  }
  template <class F>
  void for_entries(F&& f) const {
    for (std::size_t l = 0; l + 1 < ends.size(); ++l) {
      for (std::uint32_t q = ends[l]; q < ends[l + 1]; ++q) {
        f(static_cast<Index>(l), static_cast<Index>(words[q] % 65536), static_cast<double>(words[q] / 65536));
      }
    }
  }
};

template <class T>
void check_lines(Index k, Index lines, Index places) {
  const SomeLines v(lines, places);
  std::vector<T> values;
  for (int count = 0; count < 10; ++count) values.push_back(static_cast<T>(count));
  auto h = Guarded<T>::padded(places, k, T(0)), w = Guarded<T>::padded(lines, k, T(0));
  h.fill([](Index i, Index c) { return number_at(3, i, c); });
  w.fill([](Index i, Index c) { return number_at(4, i, c); });
  Matrix<double> cross(lines, k), sums(places, k);
  v.for_entries([&](Index l, Index j, double value) {
    for (Index c = 0; c < k; ++c) {
      cross(l, c) += value * static_cast<double>(h(j, c));
      sums(j, c) += value * static_cast<double>(w(l, c));
    }
  });
  const double rounding =
      static_cast<double>(std::numeric_limits<T>::epsilon()) * static_cast<double>(places + lines + 2);
  for (const auto& level : kernel_levels<T>()) {
    INFO(level.name << ", k = " << k << ", " << lines << " lines, " << places << " places");
    const auto is_near = [&](Guarded<T>& result, const Matrix<double>& expected, double before) {
      const auto value = [&](Index i, Index c) {
        return static_cast<long double>(expected(i, c) +
                                        before * static_cast<double>(static_cast<T>(number_at(9, i, c))));
      };
      const auto error = [&](Index i, Index c) { return static_cast<long double>(rounding) * (value(i, c) + 1); };
      return worst_error(result, value, error) <= 1 && result.is_intact();
    };
    for (const bool add : {false, true}) {
      auto out = Guarded<T>::padded(lines, k);
      out.fill([](Index i, Index c) { return number_at(9, i, c); });
      level.kernels->cross_lines(v.read(values), h.read(), out.block(), add);
      CHECK(is_near(out, cross, add ? 1 : 0));
    }
    auto s = Guarded<T>::padded(places, k);
    s.fill([](Index i, Index c) { return number_at(9, i, c); });
    level.kernels->accumulate_lines(v.read(values), w.read(), s.block());
    CHECK(is_near(s, sums, 1));
  }
}

/// Counts, more in the first columns; some rows and columns are empty.
template <class T>
CsrRows<T> some_counts(Index rows, Index columns, T share = 1) {
  CsrRows<T> v;
  v.columns = columns;
  for (Index i = 0; i < rows; ++i) {
    for (Index j = i % 7; j < columns && i % 5 != 3; j += 1 + j / 2 + i % 3) {
      v.indices.push_back(static_cast<ColumnIndex>(j));
      v.values.push_back(static_cast<T>((i + j) % 300) * share);
    }
    v.offsets.push_back(static_cast<Index>(v.indices.size()));
  }
  return v;
}

template <class T>
std::vector<std::pair<Index, T>> entries_of(const DataMatrix<T>& v) {
  std::vector<std::pair<Index, T>> entries;
  const RowPanel<T> all = v.rows(0, v.rows_local());
  for (Index i = 0; i < v.rows_local(); ++i) {
    all.for_stored(i, [&](Index j, T value) { entries.emplace_back(i * v.columns() + j, value); });
  }
  return entries;
}

template <class T>
Matrix<T> some_factor(Index rows, Index k) {
  Matrix<T> x = Matrix<T>::padded(rows, k);
  for (Index i = 0; i < rows; ++i) {
    for (Index c = 0; c < k; ++c) x(i, c) = static_cast<T>(number_at(5, i, c));
  }
  return x;
}

/// V H' of these rows, then V'W of them.
template <class T>
std::pair<Matrix<T>, Matrix<T>> products_of(const DataMatrix<T>& v, Index first, Index count) {
  constexpr Index k = 3;
  const Matrix<T> h = some_factor<T>(v.columns(), k), w = some_factor<T>(count, k);
  Matrix<T> out = some_factor<T>(count, k), s = some_factor<T>(v.columns(), k);
  cross<T>(v.rows(first, count), h.view(), out.view());
  accumulate<T>(v.rows(first, count), w.view(), s.view());
  return {std::move(out), std::move(s)};
}

template <class Panel>
bool is_blocked(const Panel&) {
  return false;
}
template <class T>
bool is_blocked(const BlockedPanel<T>&) {
  return true;
}

template <class T>
double difference(const Matrix<T>& a, const Matrix<T>& b) {
  double most = 0;
  for (Index i = 0; i < a.rows(); ++i) {
    for (Index c = 0; c < a.columns(); ++c) {
      most = std::max(most, static_cast<double>(std::abs(a(i, c) - b(i, c))) / (1 + static_cast<double>(b(i, c))));
    }
  }
  return most;
}

}  // namespace

TEMPLATE_TEST_CASE("products of lines of counts", "[blocks]", float, double) {
  for (const Index k : {1, 8, 16, 20, 31, 100, 129, 300}) {
    for (const Index lines : {0, 1, 2, 13, 64}) {
      for (const Index places : {1, 2, 7, 300}) check_lines<TestType>(k, lines, places);
    }
  }
  check_lines<TestType>(300, 9, 2000);  // more than stays in cache: rows are fetched ahead
}

TEMPLATE_TEST_CASE("counts are laid out in blocks and back, and stay what they are", "[blocks]", float, double) {
  using T = TestType;
  for (const auto& [rows, columns] :
       {std::pair<Index, Index>{1, 1}, {30, 11}, {9000, 300}, {9000, 30000}, {40, 150000}}) {
    INFO(rows << " x " << columns);
    const auto v = DataMatrix<T>::from_rows(Comm::self(), some_counts<T>(rows, columns));
    REQUIRE(v.layout_for(Layout::blocks) == Layout::blocks);
    const auto entries = entries_of(v);
    const auto in_columns = v.entries_of_columns();
    const auto rows_of_tiles = std::pair<Index, Index>{rows / 2, rows - rows / 2};
    const auto before = products_of(v, 0, rows),
               second_before = products_of(v, rows_of_tiles.first, rows_of_tiles.second);
    for (const int threads : {1, 3}) {
      v.lay_out(Layout::blocks, threads);
      CHECK(v.rows(0, rows).visit([](const auto& panel) { return is_blocked(panel); }));
      CHECK(entries_of(v) == entries);
      CHECK(v.entries_of_columns() == in_columns);
      CHECK(v.rows(rows / 3, rows - rows / 3).stored() == v.stored_before(rows) - v.stored_before(rows / 3));
      const double rounding = 1000 * static_cast<double>(std::numeric_limits<T>::epsilon());
      const auto after = products_of(v, 0, rows),
                 second = products_of(v, rows_of_tiles.first, rows_of_tiles.second);
      CHECK(difference(after.first, before.first) <= rounding);
      CHECK(difference(after.second, before.second) <= rounding);
      CHECK(difference(second.first, second_before.first) <= rounding);
      CHECK(difference(second.second, second_before.second) <= rounding);
      v.lay_out(Layout::rows, threads);
      CHECK(entries_of(v) == entries);
      CHECK(difference(products_of(v, 0, rows).first, before.first) == 0);
    }
  }
}

TEST_CASE("other numbers keep their rows", "[blocks]") {
  const auto halves = DataMatrix<double>::from_rows(Comm::self(), some_counts<double>(30, 11, 0.5));
  const auto large = DataMatrix<double>::from_rows(Comm::self(), some_counts<double>(30, 11, 10000));
  const CsrRows<double> rows = some_counts<double>(30, 11);
  const auto looked_at =
      DataMatrix<double>::view_rows(Comm::self(), {rows.columns, rows.offsets, rows.indices, rows.values});
  for (const auto* v : {&halves, &large, &looked_at}) {
    CHECK(v->layout_for(Layout::blocks) == Layout::rows);
    const auto entries = entries_of(*v);
    v->lay_out(Layout::blocks, 2);
    CHECK(entries_of(*v) == entries);
  }
}

TEST_CASE("blocks hold enough entries, or as many columns as a word can name", "[blocks]") {
  const auto begins = [](Index columns, Index entries, Index rows) {
    return block_columns(std::vector<Index>(static_cast<std::size_t>(columns), entries), rows);
  };
  CHECK(begins(100, 1, 1) == std::vector<ColumnIndex>{0, 100});
  CHECK(begins(10000, 1, 1) == std::vector<ColumnIndex>{0, 4096, 8192, 10000});
  CHECK(begins(10000, 1, 2048) == std::vector<ColumnIndex>{0, 8192, 10000});
  CHECK(begins(200000, 0, 9) == std::vector<ColumnIndex>{0, 65536, 131072, 196608, 200000});
  for (const Index entries : {0, 1, 3}) {
    for (const Index rows : {1, 2048, 100000}) {
      const auto blocks = static_cast<double>(begins(200000, entries, rows).size() - 1);
      CHECK(blocks <= most_column_blocks(200000, rows, static_cast<double>(200000 * entries)));
    }
  }
}
