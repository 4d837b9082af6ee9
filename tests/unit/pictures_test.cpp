// What pictures of components show, before it is drawn.
#include "catch.hpp"
#include "files.hpp"
#include "report/component_pictures.hpp"
#include "report/pictures/pixels.hpp"
#include "report/residual.hpp"

#include <algorithm>
#include <cmath>

#include "io/npy.hpp"

using namespace mpinmf;

namespace {

/// The rows of a row-major matrix with k columns.
report::RowWalk rows_of(const std::vector<double>& w, std::size_t k) {
  return [&w, k](const auto& take) {
    for (std::size_t i = 0; i < w.size(); i += k) take({&w[i], k});
  };
}

Matrix<double> filled(Index rows, Index columns, double (*value)(Index, Index)) {
  Matrix<double> matrix(rows, columns);
  for (Index i = 0; i < rows; ++i) {
    for (Index j = 0; j < columns; ++j) matrix(i, j) = value(i, j);
  }
  return matrix;
}

}  // namespace

TEST_CASE("A heat map sorts rows by their strongest component and its share", "[pictures]") {
  // of W H: H's second row weighs twice as much
  const std::vector<double> w = {0, 1, 1, 0, 0, 0, 3, 1, 1, 2, 9, 1};
  const report::HeatMap map = report::heat_map(rows_of(w, 2), std::vector<double>{1, 2});
  CHECK(map.rows == 6);
  CHECK(map.bins == 6);
  CHECK(map.rows_before == std::vector<Index>{0, 3, 5, 6});
  const std::vector<double> expected = {1, 0, 9.0 / 11, 2.0 / 11, 0.6, 0.4, 0, 1, 0.2, 0.8, 0, 0};
  for (std::size_t i = 0; i < expected.size(); ++i) CHECK(map.shares[i] == Approx(expected[i]).margin(1e-15));
}

TEST_CASE("A heat map of many rows has few bins, and what it shows does not depend on the order of rows",
          "[pictures]") {
  std::vector<double> w, reversed;
  for (int i = 0; i < 10007; ++i)
    w.insert(w.end(), {i % 3 == 0 ? 1.0 : 0.0, i % 3 == 1 ? 5.0 : 0.0, i % 3 == 2 ? 2.0 : 0.0});
  for (std::size_t i = w.size(); i > 0; i -= 3) reversed.insert(reversed.end(), {w[i - 3], w[i - 2], w[i - 1]});
  const std::vector<double> sums = {1, 1, 1};
  const report::HeatMap map = report::heat_map(rows_of(w, 3), sums),
                        other = report::heat_map(rows_of(reversed, 3), sums);
  CHECK(map.bins == 400);
  CHECK(map.shares == other.shares);
  CHECK(map.rows_before == std::vector<Index>{0, 3336, 6672, 10007, 10007});
  // but for the two bins where components meet, each is of one alone
  CHECK(std::count(map.shares.begin(), map.shares.end(), 1.0) == 398);
}

TEST_CASE("Residual norms by row and column are those of V - W H", "[pictures]") {
  const TemporaryFolder folder;
  Matrix<double> v = filled(
      11, 7, [](Index i, Index j) { return (i * j) % 3 == 0 ? 0.0 : 1.0 + 0.1 * static_cast<double>(i + 2 * j); });
  const Matrix<double> w = filled(11, 2, [](Index i, Index c) { return 0.3 * static_cast<double>(i % 4 + c); });
  const Matrix<double> h =
      filled(2, 7, [](Index c, Index j) { return 0.2 * static_cast<double>((c + 1) * j % 5); });
  const std::string path = folder / "v.npy";
  for (const auto& [missing, add] : {std::pair(Missing::none, 0.0), std::pair(Missing::none, 0.5),
                                     std::pair(Missing::zeros, 0.0), std::pair(Missing::nan, 0.0)}) {
    if (missing == Missing::nan) v(2, 4) = v(2, 5) = v(7, 0) = std::nan("");
    io::write_npy<double>(Comm::self(), path, v.view());
    LoadOptions options;
    options.add = add;
    options.missing = missing;
    INFO(name_of(missing) << " " << add);
    const report::Norms norms = report::residual_norms(
        path, options,
        [&](Index first, Index count) {
          Matrix<double> rows(count, 2);
          for (Index i = 0; i < count; ++i) std::copy_n(w.row(first + i), 2, rows.row(i));
          return rows;
        },
        11, h.view());
    std::vector<double> rows(11), columns(7), rows_left(11), columns_left(7);
    for (Index i = 0; i < 11; ++i) {
      for (Index j = 0; j < 7; ++j) {
        if (v(i, j) != v(i, j) || (missing == Missing::zeros && v(i, j) == 0)) continue;
        const auto r = static_cast<std::size_t>(i), c = static_cast<std::size_t>(j);
        const double value = v(i, j) + add, left = value - w(i, 0) * h(0, j) - w(i, 1) * h(1, j);
        rows[r] += value * value;
        columns[c] += value * value;
        rows_left[r] += left * left;
        columns_left[c] += left * left;
      }
    }
    const auto check = [](const std::vector<double>& found, const std::vector<double>& squares) {
      REQUIRE(found.size() == squares.size());
      for (std::size_t i = 0; i < found.size(); ++i)
        CHECK(found[i] == Approx(std::sqrt(squares[i])).epsilon(1e-12));
    };
    check(norms.rows, rows);
    check(norms.columns, columns);
    check(norms.rows_left, rows_left);
    check(norms.columns_left, columns_left);
  }
}

TEST_CASE("V is walked row by row whatever its format, as load holds it", "[pictures]") {
  const TemporaryFolder folder;
  // an entry that comes in two halves, and rows without any
  write_text(folder / "v.mtx",
             "%%MatrixMarket matrix coordinate real general\n5 4 5\n4 1 2\n1 4 0.25\n2 2 1\n1 4 0.25\n2 1 3\n");
  const Matrix<double> dense = filled(6, 3, [](Index i, Index j) { return static_cast<double>((i + j) % 4); });
  io::write_npy<double>(Comm::self(), folder / "v.npy", dense.view());
  for (const std::string v :
       {folder / "v.mtx", folder / "v.npy", std::string("generate:sparse-counts:rows=50,columns=9,density=0.2"),
        std::string("generate:swimmer")}) {
    for (const bool transpose : {false, true}) {
      for (const double add : {0.0, 2.0}) {
        CAPTURE(v, transpose, add);
        LoadOptions options;
        options.transpose = transpose;
        options.add = add;
        const auto loaded = load<double>(Comm::self(), v, options);
        Matrix<double> expected(loaded.rows_local(), loaded.columns()),
            found(loaded.rows_local(), loaded.columns());
        std::vector<std::pair<Index, double>> entries;
        for (Index p = 0; p < loaded.panels(); ++p) {
          const auto rows = loaded.panel_rows(p);
          for (Index i = 0; i < rows.count; ++i) {
            loaded.read_row(loaded.panel(p), i, entries);
            for (const auto& [column, value] : entries) expected(rows.first + i, column) = value;
          }
        }
        Index next = 0;
        report::walk_data(v, options, [&](Index row, report::RowEntries of_row) {
          CHECK(row == next++);
          for (const auto& [column, value] : of_row) found(row, column) = value;
        });
        CHECK(next == loaded.rows_local());
        const auto same = [&](const double* a, const double* b) { return std::equal(a, a + loaded.columns(), b); };
        for (Index i = 0; i < next; ++i) CHECK(same(found.row(i), expected.row(i)));
        const std::vector<Index> wanted = {next - 1, 0, 1};
        const Matrix<double> chosen = report::rows_of_data(v, options, wanted);
        for (Index r = 0; r < 3; ++r)
          CHECK(same(chosen.row(r), expected.row(wanted[static_cast<std::size_t>(r)])));
      }
    }
  }
}

TEST_CASE("Shapes that fit are named, the nearest first", "[pictures]") {
  CHECK(report::nearest_shapes(361, 19, 20) == "19x19, 1x361, 361x1");
  CHECK(report::nearest_shapes(12, 3, 5) == "3x4, 2x6, 4x3");
  CHECK(report::nearest_shapes(7, 7, 1) == "7x1, 1x7");
}

TEST_CASE("Pixels lie where NumPy's reshape puts them, and shrink to means", "[pictures]") {
  // 2 x 3 x 3: number i has the value i; of C order, row 1, column 0 has the channels 9, 10, 11
  for (const bool fortran : {false, true}) {
    report::ShrunkImage image({2, 3, 3, fortran}, 10);
    for (Index i = 0; i < 18; ++i) image.add(i, static_cast<double>(i));
    const report::Raster raster = image.raster(255);
    CHECK(raster.width == 3);
    CHECK(raster.height == 2);
    const report::Rgb pixel = raster.pixels[3];
    CHECK(int{pixel.red} == (fortran ? 1 : 9));
    CHECK(int{pixel.green} == (fortran ? 7 : 10));
    CHECK(int{pixel.blue} == (fortran ? 13 : 11));
  }
  report::ShrunkImage image({4, 2, 1, false}, 2);
  for (Index i = 0; i < 8; ++i) image.add(i, static_cast<double>(i));
  CHECK(image.largest() == 6);
  CHECK(int{image.raster(255).pixels[1].red} == 2);
}

TEST_CASE("Curves of many numbers keep their peaks", "[pictures]") {
  std::vector<double> values(54321, 1), axis(values.size());
  for (std::size_t i = 0; i < axis.size(); ++i) axis[i] = 0.5 * static_cast<double>(i);
  values[12345] = 7;
  const auto points = report::curve_points(values, axis);
  CHECK(points.size() == 1000);
  CHECK(std::count_if(points.begin(), points.end(), [](const auto& p) { return p.y == 7 && p.x == 6172.5; }) == 1);
  CHECK(report::curve_points(std::vector<double>{3, 4}, {}).at(1).x == 1);
}

TEST_CASE("Terms are cut to their room by characters", "[pictures]") {
  CHECK(report::fitting("short", 100) == "short");
  CHECK(report::fitting("a very long term that does not fit", 100) == "a very l…");
  CHECK(report::fitting("日本語日本語日本語", 100) == "日本語日…");
  CHECK(report::fitting("anything", 5).empty());
}
