// Selection and preparation of V on several ranks, against the plain equations, from every kind of reader.
#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "catch.hpp"
#include "contains.hpp"
#include "io/npy.hpp"
#include "io/write/write_matrix.hpp"
#include "mpi_support.hpp"
#include "mpinmf/load.hpp"
#include "npz_files.hpp"
#include "shared_folder.hpp"
#include "written_files.hpp"

using namespace mpinmf;

namespace {

/// A matrix in memory, row by row.
struct Plain {
  Index rows = 0, columns = 0;
  std::vector<double> values;

  Plain(Index m, Index n) : rows(m), columns(n), values(static_cast<std::size_t>(m * n)) {}
  double& at(Index i, Index j) { return values[static_cast<std::size_t>(i * columns + j)]; }
  double at(Index i, Index j) const { return values[static_cast<std::size_t>(i * columns + j)]; }
  std::vector<double> column(Index j) const {
    std::vector<double> all;
    for (Index i = 0; i < rows; ++i) all.push_back(at(i, j));
    return all;
  }
  std::vector<double> row(Index i) const {
    return {values.begin() + i * columns, values.begin() + (i + 1) * columns};
  }
  Plain chosen(const std::vector<Index>& of_rows, const std::vector<Index>& of_columns) const {
    Plain some(static_cast<Index>(of_rows.size()), static_cast<Index>(of_columns.size()));
    for (Index i = 0; i < some.rows; ++i) {
      for (Index j = 0; j < some.columns; ++j) {
        some.at(i, j) = at(of_rows[static_cast<std::size_t>(i)], of_columns[static_cast<std::size_t>(j)]);
      }
    }
    return some;
  }
};

/// Counts of which no sum of logarithms is exact; an empty row and column, and a column without variance.
Plain counts(Index m, Index n, bool dense) {
  Plain v(m, n);
  for (Index i = 0; i < m; ++i) {
    for (Index j = 0; j < n; ++j) {
      const Index mixed = (7 * i + 13 * j + i * j * j) % 17;
      const bool is_zero = (!dense && mixed % 3 != 0) || i == m / 2 || j == 1;
      v.at(i, j) = is_zero ? 0 : 0.3 * static_cast<double>(1 + mixed + j % 4);
      if (j == 2) v.at(i, j) = 0.7;
    }
  }
  return v;
}

std::vector<Index> range(Index first, Index last) {
  std::vector<Index> all(static_cast<std::size_t>(last - first));
  std::iota(all.begin(), all.end(), first);
  return all;
}

double sum(const std::vector<double>& x) {
  return std::accumulate(x.begin(), x.end(), 0.0);
}
double l2_norm(const std::vector<double>& x) {
  return std::sqrt(std::inner_product(x.begin(), x.end(), x.begin(), 0.0));
}
double variance(const std::vector<double>& x) {
  const double mean = sum(x) / static_cast<double>(x.size());
  double squares = 0;
  for (const double value : x) squares += (value - mean) * (value - mean);
  return squares / static_cast<double>(x.size());
}
Index nonzeros(const std::vector<double>& x) {
  return static_cast<Index>(std::count_if(x.begin(), x.end(), [](double value) { return value != 0; }));
}

double quantile(std::vector<double> x, double share) {
  std::sort(x.begin(), x.end());
  const double place = share * static_cast<double>(x.size() - 1);
  const auto low = static_cast<std::size_t>(place);
  return x[low] + (place - static_cast<double>(low)) * (x[std::min(low + 1, x.size() - 1)] - x[low]);
}

/// Columns of v in falling order of cNMF's ratio, the empty ones last; `above`: how many are above its threshold.
std::vector<Index> by_dispersion(Plain v, Index& above) {
  for (Index i = 0; i < v.rows; ++i) {
    const double all = sum(v.row(i));
    for (Index j = 0; j < v.columns; ++j) v.at(i, j) *= 1e6 / all;
  }
  std::vector<double> means, fanos, known, box, ratios;
  for (Index j = 0; j < v.columns; ++j) {
    means.push_back(sum(v.column(j)) / static_cast<double>(v.rows));
    fanos.push_back(means.back() > 0 ? variance(v.column(j)) / means.back() : -1);
    if (means.back() > 0) known.push_back(fanos.back());
  }
  std::vector<Index> order = range(0, v.columns);
  const auto at = [](const std::vector<double>& x, Index j) { return x[static_cast<std::size_t>(j)]; };
  std::sort(order.begin(), order.end(), [&](Index a, Index b) { return at(means, a) > at(means, b); });
  double a = 1e300;
  for (std::size_t i = 0; i < 20; ++i) a = std::min(a, std::sqrt(at(fanos, order[i]) / at(means, order[i])));
  const auto is_inside = [](const std::vector<double>& x, double value) {
    return value > quantile(x, 0.1) && value < quantile(x, 0.9);
  };
  for (std::size_t j = 0; j < means.size(); ++j) {
    if (is_inside(means, means[j]) && is_inside(known, fanos[j])) box.push_back(fanos[j]);
  }
  for (std::size_t j = 0; j < means.size(); ++j)
    ratios.push_back(fanos[j] / (a * a * means[j] + quantile(box, 0.5)));
  const double in_box = static_cast<double>(box.size()),
               threshold = 1 + std::sqrt(variance(box) * in_box / (in_box - 1));
  above = std::count_if(ratios.begin(), ratios.end(), [&](double ratio) { return ratio > threshold; });
  std::sort(order.begin(), order.end(), [&](Index i, Index j) { return at(ratios, i) > at(ratios, j); });
  return order;
}

double column_scale(const std::string& how, const std::vector<double>& x) {
  if (how == "idf")
    return 1 / (std::log((1.0 + static_cast<double>(x.size())) / (1.0 + static_cast<double>(nonzeros(x)))) + 1);
  const auto n = static_cast<double>(x.size());
  const double scale = how == "std"          ? std::sqrt(variance(x))
                       : how == "sample-std" ? std::sqrt(variance(x) * n / (n - 1))
                       : how == "max"        ? *std::max_element(x.begin(), x.end())
                                             : l2_norm(x);
  return scale > 1e-12 ? scale : 1;
}

/// The equations, one after the other, on all of V. `selected`: rows and columns.
Plain prepared(const Plain& all, const std::vector<Index>& rows, const std::vector<Index>& columns,
               const Preparation& p) {
  Plain v = all.chosen(rows, columns);
  std::vector<Index> kept;
  for (Index i = 0; i < v.rows; ++i) {
    if (sum(v.row(i)) >= p.min_row_sum) kept.push_back(i);
  }
  v = v.chosen(kept, range(0, v.columns));
  const Plain raw = v;
  for (Index i = 0; i < v.rows && !p.scale_rows.empty(); ++i) {
    const std::vector<double> row = v.row(i);
    const double now = p.scale_rows.starts_with("sum")   ? sum(row)
                       : p.scale_rows.starts_with("max") ? *std::max_element(row.begin(), row.end())
                                                         : l2_norm(row);
    const std::size_t colon = p.scale_rows.find(':');
    const double target = colon == std::string::npos ? 1 : std::stod(p.scale_rows.substr(colon + 1));
    for (Index j = 0; j < v.columns && now > 0; ++j) v.at(i, j) *= target / now;
  }
  if (p.log1p) {
    for (double& value : v.values) value = std::log1p(value);
  }
  kept.clear();
  for (Index j = 0; j < v.columns; ++j) {
    if (nonzeros(v.column(j)) >= p.min_column_count) kept.push_back(j);
  }
  v = v.chosen(range(0, v.rows), kept);
  if (p.columns.starts_with("top-variance:")) {
    kept = range(0, v.columns);
    std::stable_sort(kept.begin(), kept.end(),
                     [&](Index a, Index b) { return variance(v.column(a)) > variance(v.column(b)); });
    kept.resize(static_cast<std::size_t>(std::stoi(p.columns.substr(13))));
    std::sort(kept.begin(), kept.end());
    v = v.chosen(range(0, v.rows), kept);
  }
  if (p.columns.starts_with("overdispersed")) {
    Index above = 0;
    kept = by_dispersion(raw, above);
    kept.resize(static_cast<std::size_t>(p.columns.size() > 13 ? std::stoi(p.columns.substr(14)) : above));
    std::sort(kept.begin(), kept.end());
    v = v.chosen(range(0, v.rows), kept);
  }
  for (Index j = 0; j < v.columns && !p.scale_columns.empty(); ++j) {
    const double scale = column_scale(p.scale_columns, v.column(j));
    for (Index i = 0; i < v.rows; ++i) v.at(i, j) /= scale;
  }
  return v;
}

std::string market(const Plain& v, bool in_parts) {
  std::string lines;
  Index count = 0;
  for (Index j = v.columns - 1; j >= 0; --j) {
    for (Index i = 0; i < v.rows; ++i) {
      if (v.at(i, j) == 0 && (i + j) % 7 != 0) continue;
      const int parts = in_parts && (i + j) % 3 == 0 ? 2 : 1;
      for (int part = 0; part < parts; ++part) {
        lines += fmt::format("{} {} {:.17g}\n", i + 1, j + 1, v.at(i, j) / parts);
      }
      count += parts;
    }
  }
  return fmt::format("%%MatrixMarket matrix coordinate real general\n{} {} {}\n", v.rows, v.columns, count) +
         lines;
}

std::string table(const Plain& v) {
  std::string text = "name";
  for (Index j = 0; j < v.columns; ++j) text += fmt::format(",c{}", j);
  for (Index i = 0; i < v.rows; ++i) {
    text += fmt::format("\nr{}", i);
    for (Index j = 0; j < v.columns; ++j) text += fmt::format(",{:.17g}", v.at(i, j));
  }
  return text + "\n";
}

std::string npy(const Plain& v) {
  std::string bytes = io::npy_header_bytes("f8", {v.rows, v.columns});
  return bytes.append(reinterpret_cast<const char*>(v.values.data()), v.values.size() * sizeof(double));
}

/// As SciPy writes csr, with entries in two parts, columns that fall, and zeros.
std::string archive(const Plain& v) {
  std::vector<Index> offsets = {0}, places;
  std::vector<double> values;
  for (Index i = 0; i < v.rows; ++i) {
    for (Index j = v.columns - 1; j >= 0; --j) {
      if (v.at(i, j) == 0 && (i + j) % 7 != 0) continue;
      const int parts = (i + j) % 3 == 0 ? 2 : 1;
      places.insert(places.end(), static_cast<std::size_t>(parts), j);
      values.insert(values.end(), static_cast<std::size_t>(parts), v.at(i, j) / parts);
    }
    offsets.push_back(static_cast<Index>(places.size()));
  }
  const auto stored = static_cast<Index>(places.size());
  return zip_bytes({{"indptr.npy", npy_bytes("i8", {v.rows + 1}, offsets)},
                    {"indices.npy", npy_bytes("i8", {stored}, places)},
                    {"data.npy", npy_bytes("f8", {stored}, values)},
                    {"shape.npy", npy_bytes("i8", {2}, std::vector<Index>{v.rows, v.columns})},
                    {"format.npy", npy_word("csr")}});
}

void write_as_gzip(const std::string& path, const std::string& bytes) {
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
  gzclose(file);
}

/// The names of the files that hold v.
std::vector<std::string> write_all(const SharedFolder& folder, const Plain& v, bool dense) {
  if (world().is_root()) {
    write_text(folder / "v.npy", npy(v));
    write_text(folder / "v.csv", table(v));
    write_text(folder / "v.mtx", market(v, true));
    write_as_gzip(folder / "w.mtx.gz", market(v, true));
    write_text(folder / "whole.mtx", market(v, false));
    convert_to_csr(Comm::self(), folder / "whole.mtx", folder / "v.csr", {.clip_negative = 1e-9}, false);
    write_text(folder / "v.npz", archive(v));
  }
  world().wait_for_all();
  return dense ? std::vector<std::string>{"v.npy", "v.csv"}
               : std::vector<std::string>{"v.mtx", "w.mtx.gz", "v.csr", "v.npz"};
}

template <class T>
void check_same(const DataMatrix<T>& v, const Plain& expected, double tolerance) {
  CHECK(v.rows_global() == expected.rows);
  REQUIRE(v.columns() == expected.columns);
  double worst = 0;
  Index filled = 0;
  for (Index p = 0; p < v.panels(); ++p) {
    const auto rows = v.panel_rows(p);
    const RowPanel<T> panel = v.panel(p);
    for (Index i = 0; i < panel.rows(); ++i) {
      std::vector<double> row(static_cast<std::size_t>(v.columns()));
      panel.for_stored(i,
                       [&](Index j, T value) { row[static_cast<std::size_t>(j)] += static_cast<double>(value); });
      for (Index j = 0; j < v.columns(); ++j) {
        const double is = row[static_cast<std::size_t>(j)],
                     wanted = expected.at(v.first_row() + rows.first + i, j);
        filled += is != 0;
        if (is != is && wanted != wanted) continue;
        worst = is == is && wanted == wanted ? std::max(worst, std::abs(is - wanted) / std::max(wanted, 1e-3))
                                             : std::numeric_limits<double>::infinity();
      }
    }
  }
  CHECK(worst <= tolerance);
  CHECK(world().sum(filled) == nonzeros(expected.values));
}

struct Case {
  Preparation asked;
  std::vector<Index> rows, columns;
};

}  // namespace

TEST_CASE("V is prepared as the equations say, whatever reads it", "[preparation]") {
  for (const bool dense : {true, false}) {
    const Index m = 90, n = 23;
    const Plain v = counts(m, n, dense);
    const SharedFolder folder;
    const std::vector<std::string> files = write_all(folder, v, dense);
    if (world().is_root()) write_text(folder / "some.txt", "7\n3\n\n21\n8\n1\n2\n0\n22\n");
    if (world().is_root()) write_text(folder / "names.txt", "c7\nc3\n\nc21\nc8\nc1\nc2\nc0\nc22\n");
    world().wait_for_all();
    const std::vector<Index> some = {0, 1, 2, 3, 7, 8, 21, 22};
    const std::vector<Case> cases = {
        {{.rows = "3:70"}, range(3, 70), range(0, n)},
        {{.rows = "-20:", .columns = ":-3"}, range(m - 20, m), range(0, n - 3)},
        {{.columns = "file", .scale_rows = "sum:1e4"}, range(0, m), some},
        {{.columns = "file", .min_row_sum = 9, .scale_columns = "std"}, range(0, m), some},
        {{.scale_rows = "l2", .scale_columns = "idf"}, range(0, m), range(0, n)},
        {{.rows = "1:", .scale_rows = "max:5", .log1p = true, .scale_columns = "max"}, range(1, m), range(0, n)},
        {{.columns = "top-variance:6"}, range(0, m), range(0, n)},
        {{.columns = "top-variance:7",
          .min_row_sum = 20,
          .scale_rows = "sum:1e2",
          .log1p = true,
          .min_column_count = 12,
          .scale_columns = "std"},
         range(0, m),
         range(0, n)},
        {{.columns = "overdispersed:9", .scale_columns = "sample-std"}, range(0, m), range(0, n)},
        {{.columns = "overdispersed:14", .min_row_sum = 10, .scale_rows = "sum:1e4", .log1p = true},
         range(0, m),
         range(0, n)},
        {{.rows = "5:88", .columns = "2:20", .min_row_sum = 12, .min_column_count = 25, .scale_columns = "l2"},
         range(5, 88),
         range(2, 20)},
    };
    for (const Case& one : cases) {
      const Plain expected = prepared(v, one.rows, one.columns, one.asked);
      REQUIRE(expected.columns > 0);
      for (const std::string& file : files) {
        LoadOptions options;
        options.preparation = one.asked;
        if (one.asked.columns == "file")
          options.preparation.columns = folder / (file == "v.csv" ? "names.txt" : "some.txt");
        INFO(file << one.asked.options() << " on " << world().size() << " ranks");
        check_same(load<double>(world(), folder / file, options), expected, 1e-12);
        check_same(load<float>(world(), folder / file, options), expected, 1e-6);
        const MatrixHeader header = load_header(world(), folder / file, options);
        CHECK((header.rows == expected.rows && header.columns == expected.columns));
      }
    }
  }
}

TEST_CASE("columns are prepared by what is known of them", "[preparation]") {
  for (const bool dense : {true, false}) {
    Plain v = counts(43, 12, dense);
    for (Index i = 0; i < v.rows; ++i) {
      for (Index j = 0; j < v.columns; ++j) {
        if ((7 * i + 3 * j) % 11 == 0 || j == 5 || (j == 8 && i > 9)) v.at(i, j) = std::nan("");
      }
    }
    std::vector<std::vector<double>> known;
    for (Index j = 0; j < v.columns; ++j) {
      known.push_back(v.column(j));
      std::erase_if(known.back(), [](double value) { return value != value; });
    }
    const SharedFolder folder;
    const std::vector<std::string> files =
        dense ? std::vector<std::string>{"v.npy", "v.csv"} : std::vector<std::string>{"v.mtx", "v.npz"};
    if (world().is_root()) {
      write_text(folder / "v.npy", npy(v));
      write_text(folder / "v.csv", table(v));
      write_text(folder / "v.mtx", market(v, true));
      write_text(folder / "v.npz", archive(v));
    }
    world().wait_for_all();
    std::vector<Index> by_variance = range(0, v.columns), frequent;
    const auto variance_of = [&](Index j) {
      const auto& column = known[static_cast<std::size_t>(j)];
      return column.empty() ? 0 : variance(column);
    };
    std::stable_sort(by_variance.begin(), by_variance.end(),
                     [&](Index a, Index b) { return variance_of(a) > variance_of(b); });
    by_variance.resize(4);
    std::sort(by_variance.begin(), by_variance.end());
    for (Index j = 0; j < v.columns; ++j) {
      if (nonzeros(known[static_cast<std::size_t>(j)]) >= 9) frequent.push_back(j);
    }
    for (const std::string& file : files) {
      const auto check = [&](const Preparation& asked, const Plain& expected) {
        LoadOptions options;
        options.missing = Missing::nan;
        options.preparation = asked;
        INFO(file << asked.options() << " on " << world().size() << " ranks");
        check_same(load<double>(world(), folder / file, options), expected, 1e-12);
        check_same(load<float>(world(), folder / file, options), expected, 1e-6);
      };
      for (const std::string how : {"std", "max", "l2", "idf"}) {
        Plain expected = v;
        for (Index j = 0; j < v.columns; ++j) {
          const auto& column = known[static_cast<std::size_t>(j)];
          if (column.empty()) continue;
          for (Index i = 0; i < v.rows; ++i) expected.at(i, j) /= column_scale(how, column);
        }
        check({.scale_columns = how}, expected);
      }
      check({.columns = "top-variance:4"}, v.chosen(range(0, v.rows), by_variance));
      check({.min_column_count = 9}, v.chosen(range(0, v.rows), frequent));
    }
  }
}

TEST_CASE("V is prepared after it is transposed and before anything is added", "[preparation]") {
  const Plain v = counts(31, 40, false);
  const SharedFolder folder;
  for (const std::string& file : write_all(folder, v, false)) {
    LoadOptions options;
    options.transpose = true;
    options.add = 0.25;
    options.preparation = {.rows = "2:", .scale_rows = "sum:50", .log1p = true, .scale_columns = "max"};
    Plain turned(v.columns, v.rows);
    for (Index i = 0; i < v.rows; ++i) {
      for (Index j = 0; j < v.columns; ++j) turned.at(j, i) = v.at(i, j);
    }
    Plain expected = prepared(turned, range(2, 40), range(0, 31), options.preparation);
    for (double& value : expected.values) value += 0.25;
    INFO(file);
    check_same(load<double>(world(), folder / file, options), expected, 1e-12);
  }
}

TEST_CASE("of columns of the same variance the first are taken, on any number of ranks", "[preparation]") {
  // column j is column 0 with its rows moved
  Plain v(60, 12);
  for (Index i = 0; i < v.rows; ++i) {
    for (Index j = 0; j < v.columns; ++j) v.at(i, j) = std::sqrt(static_cast<double>(1 + (i + 7 * j) % 60));
  }
  const SharedFolder folder;
  for (const std::string& file : write_all(folder, v, true)) {
    LoadOptions options;
    options.preparation.columns = "top-variance:5";
    check_same(load<double>(world(), folder / file, options), v.chosen(range(0, 60), range(0, 5)), 0);
  }
}

TEST_CASE("what is clipped is counted and is 0 for whatever is made of the rows", "[preparation]") {
  Plain v = counts(40, 9, false);
  v.at(3, 4) = -1e-12;
  v.at(17, 0) = -1e-12;
  Plain clipped = v;
  clipped.at(3, 4) = clipped.at(17, 0) = 0;
  const SharedFolder folder;
  std::vector<std::string> files = write_all(folder, v, true);
  files.insert(files.end(), {"v.mtx", "v.npz"});
  for (const std::string& file : files) {
    LoadOptions options;
    options.preparation = {.scale_rows = "l2", .log1p = true, .scale_columns = "std"};
    INFO(file);
    CHECK_THROWS_WITH(load<double>(world(), folder / file, options), Contains("--clip-negative"));
    options.clip_negative = 1e-9;
    const auto loaded = load<double>(world(), folder / file, options);
    check_same(loaded, prepared(clipped, range(0, 40), range(0, 9), options.preparation), 1e-12);
    CHECK(loaded.summary().clipped >= 2);
  }
}

TEST_CASE("a preparation that cannot be is one message on every rank", "[preparation]") {
  const Plain v = counts(20, 6, false);
  const SharedFolder folder;
  write_all(folder, v, false);
  if (world().is_root()) {
    write_text(folder / "unknown.txt", "1\nnone\n");
    write_text(folder / "twice.txt", "1\n2\n1\n");
    write_text(folder / "empty.txt", "\n");
    write_text(folder / "beyond.txt", "6\n");
  }
  world().wait_for_all();
  const auto fails = [&](const Preparation& asked, const std::string& text) {
    for (const char* file : {"v.npy", "v.mtx", "w.mtx.gz", "v.csr"}) {
      LoadOptions options;
      options.preparation = asked;
      INFO(file << asked.options());
      CHECK_THROWS_WITH(load<double>(world(), folder / file, options), Contains(text));
    }
  };
  fails({.rows = "0:21"}, "beyond the 20 rows");
  fails({.rows = "-21:"}, "beyond the 20 rows");
  fails({.rows = "5:5"}, "none of the 20 rows");
  fails({.rows = "3"}, "--rows is a range");
  fails({.columns = "2:7"}, "beyond the 6 columns");
  fails({.columns = folder / "nothing.txt"}, "nothing.txt");
  fails({.columns = folder / "unknown.txt"}, "line 2: V has no column");
  fails({.columns = folder / "beyond.txt"}, "numbers from 0 to 5");
  fails({.columns = folder / "twice.txt"}, "line 3");
  fails({.columns = folder / "empty.txt"}, "names no columns");
  fails({.columns = "top-variance:0"}, "whole number above 0");
  fails({.columns = "top-variance:7"}, "6 columns are left, but 7 are wanted");
  fails({.columns = "overdispersed:0"}, "whole number above 0");
  fails({.columns = "overdispersed"}, "no column is overdispersed by cNMF's threshold");
  fails({.columns = "overdispersed:7"}, "6 columns are left, but 7 are wanted");
  fails({.columns = "overdispersed:6"}, "5 columns are left, but 6 are wanted");  // one is empty
  fails({.columns = "overdispersed:1"}, "(counted from 0) holds nothing in the 1 columns");
  fails({.min_row_sum = 1e9}, "no row is left");
  fails({.min_row_sum = -1}, "--min-row-sum");
  fails({.min_column_count = 21}, "0 columns are left");
  fails({.scale_rows = "mean"}, "sum, max or l2");
  fails({.scale_rows = "sum:0"}, "a positive number");
  fails({.scale_columns = "var"}, "std, sample-std, max, l2 or idf");
}
