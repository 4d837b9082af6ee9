#include "mpinmf/load.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <cmath>
#include <filesystem>
#include <functional>

#include "catch.hpp"
#include "contains.hpp"
#include "io/npy.hpp"
#include "mpi_support.hpp"
#include "shared_folder.hpp"
#include "written_files.hpp"

using namespace mpinmf;

namespace {

struct Example {
  Index rows, columns;
  bool dense;

  /// About a third of the entries of a sparse one; exact in float.
  double operator()(Index i, Index j) const {
    const Index mixed = (7 * i + 13 * j + i * j) % 11;
    if (!dense && (mixed % 3 != 0 || i % 5 == 4)) return 0;
    return 0.25 * static_cast<double>(mixed + 1);
  }
};

void write_gzip(const std::string& path, const std::string& bytes) {
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
  gzclose(file);
}

std::string npy(const Example& v, bool fortran) {
  std::string bytes = io::npy_header_bytes("f8", {v.rows, v.columns});
  if (fortran) bytes.replace(bytes.find("False"), 5, "True ");
  for (Index a = 0; a < (fortran ? v.columns : v.rows); ++a) {
    for (Index b = 0; b < (fortran ? v.rows : v.columns); ++b) {
      const double value = fortran ? v(b, a) : v(a, b);
      bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
  }
  return bytes;
}

/// A table with a header and names of rows.
std::string table_of(const Example& example) {
  std::string text = "name";
  for (Index j = 0; j < example.columns; ++j) text += fmt::format(",c{}", j);
  for (Index i = 0; i < example.rows; ++i) {
    text += fmt::format("\nr{}", i);
    for (Index j = 0; j < example.columns; ++j) text += fmt::format(",{}", example(i, j));
  }
  return text + "\n";
}

std::string market_array(const Example& v) {
  std::string text = fmt::format("%%MatrixMarket matrix array real general\n{} {}\n", v.rows, v.columns);
  for (Index j = 0; j < v.columns; ++j) {
    for (Index i = 0; i < v.rows; ++i) text += fmt::format("{}\n", v(i, j));
  }
  return text;
}

/// Columns fall, every entry comes in two parts, and some zeros are explicit.
std::string market_coordinate(const Example& v) {
  std::string lines;
  Index count = 0;
  for (Index j = v.columns - 1; j >= 0; --j) {
    for (Index i = 0; i < v.rows; ++i) {
      if (v(i, j) == 0 && (i + j) % 7 != 0) continue;
      lines += fmt::format("{} {} {}\n{} {} {}\n", i + 1, j + 1, v(i, j) / 2, i + 1, j + 1, v(i, j) / 2);
      count += 2;
    }
  }
  return fmt::format("%%MatrixMarket matrix coordinate real general\n{} {} {}\n", v.rows, v.columns, count) +
         lines;
}

/// The rows of this rank, all entries.
template <class T>
std::vector<T> dense_rows(const DataMatrix<T>& v) {
  std::vector<T> all(static_cast<std::size_t>(v.rows_local() * v.columns()));
  for (Index p = 0; p < v.panels(); ++p) {
    T* const out = all.data() + v.panel_rows(p).first * v.columns();
    const RowPanel<T> panel = v.panel(p);
    for (Index i = 0; i < panel.rows(); ++i) {
      panel.for_stored(i, [&](Index j, T value) { out[i * v.columns() + j] += value; });
    }
  }
  return all;
}

template <class T>
void check_loads(const std::string& path, const Example& expected, bool sparse, const LoadOptions& options = {}) {
  INFO(path << (options.transpose ? " transposed" : "") << " on rank " << world().rank());
  const DataMatrix<T> v = load<T>(world(), path, options);
  const bool transpose = options.transpose;
  CHECK(v.rows_global() == (transpose ? expected.columns : expected.rows));
  CHECK(v.columns() == (transpose ? expected.rows : expected.columns));
  CHECK(v.is_sparse() == sparse);
  CHECK(v.partition().ranks() == world().size());
  const std::vector<T> own = dense_rows(v);
  Index wrong = 0;
  for (Index i = 0; i < v.rows_local(); ++i) {
    for (Index j = 0; j < v.columns(); ++j) {
      const Index row = v.first_row() + i;
      const double value = (transpose ? expected(j, row) : expected(row, j)) + options.add;
      wrong += own[static_cast<std::size_t>(i * v.columns() + j)] != static_cast<T>(value);
    }
  }
  CHECK(wrong == 0);
  const MatrixHeader header = load_header(world(), path, options);
  CHECK((header.rows == v.rows_global() && header.columns == v.columns() && header.sparse == sparse));
}

/// Files written by the root, then a rendezvous.
void on_root(const std::function<void()>& write) {
  if (world().is_root()) write();
  world().wait_for_all();
}

/// Every rank must see this error.
template <class E>
void check_fails(const std::string& path, const std::string& text, const LoadOptions& options = {}) {
  INFO(path << " on rank " << world().rank());
  std::string message = "loaded";
  bool right_kind = false, met = false;
  try {
    load<double>(world(), path, options);
  } catch (const Error& error) {
    message = error.what();
    right_kind = dynamic_cast<const E*>(&error) != nullptr;
    met = error.has_met();
  }
  CHECK_THAT(message, Contains(text));
  CHECK(right_kind);
  CHECK(met);
}

const std::string coordinate = "%%MatrixMarket matrix coordinate real general\n";

}  // namespace

TEST_CASE("every format gives the same matrix on every number of ranks", "[load]") {
  for (const auto& [rows, columns] : {std::pair<Index, Index>{3, 5}, {101, 37}, {1, 1}}) {
    SharedFolder folder;
    const Example dense{rows, columns, true}, sparse{rows, columns, false};
    on_root([&] {
      write_text(folder / "c.npy", npy(dense, false));
      write_text(folder / "f.npy", npy(dense, true));
      write_gzip(folder / "c.npy.gz", npy(dense, false));
      write_gzip(folder / "f.npy.gz", npy(dense, true));
      write_text(folder / "a.mtx", market_array(dense));
      write_gzip(folder / "a.mtx.gz", market_array(dense));
      write_text(folder / "t.csv", table_of(dense));
      write_gzip(folder / "t.csv.gz", table_of(dense));
      write_text(folder / "s.mtx", market_coordinate(sparse));
      write_gzip(folder / "s.mtx.gz", market_coordinate(sparse));
    });
    convert_to_csr(world(), folder / "s.mtx", folder / "csr", {}, false);
    for (const bool transpose : {false, true}) {
      LoadOptions options;
      options.transpose = transpose;
      for (const char* name : {"s.mtx", "s.mtx.gz", "csr"}) {
        check_loads<double>(folder / name, sparse, true, options);
        check_loads<float>(folder / name, sparse, true, options);
      }
      options.add = 0.5;
      for (const char* name : {"s.mtx", "s.mtx.gz", "csr"}) {  // becomes dense
        check_loads<double>(folder / name, sparse, false, options);
        check_loads<float>(folder / name, sparse, false, options);
        CHECK_FALSE(load_header(world(), folder / name, options).sparse);
        CHECK(load_header(world(), folder / name, options).stored == rows * columns);
      }
      for (const char* name :
           {"c.npy", "f.npy", "c.npy.gz", "f.npy.gz", "a.mtx", "a.mtx.gz", "t.csv", "t.csv.gz"}) {
        check_loads<double>(folder / name, dense, false, options);
        check_loads<float>(folder / name, dense, false, options);
      }
    }
  }
}

TEST_CASE("sparse rows are sorted, summed and free of zeros", "[load]") {
  SharedFolder folder;
  const Example sparse{60, 20, false};
  on_root([&] { write_text(folder / "s.mtx", market_coordinate(sparse)); });
  const auto v = load<double>(world(), folder / "s.mtx");
  Index nonzeros = 0;
  for (Index i = 0; i < 60; ++i) {
    for (Index j = 0; j < 20; ++j) nonzeros += sparse(i, j) != 0;
  }
  CHECK(v.summary().stored == nonzeros);
  CHECK(v.summary().nonzeros == nonzeros);
  for (Index p = 0; p < v.panels(); ++p) {
    const auto panel = v.panel(p);
    for (Index i = 0; i < panel.rows(); ++i) {
      Index last = -1;
      panel.for_stored(i, [&](Index j, double) {
        CHECK(last < j);
        last = j;
      });
    }
  }
}

TEST_CASE("symmetric files are whole", "[load]") {
  SharedFolder folder;
  on_root([&] {
    write_text(folder / "s.mtx",
               "%%MatrixMarket matrix coordinate integer symmetric\n3 3 3\n1 1 4\n3 1 5\n3 2 6\n");
    write_text(folder / "a.mtx", "%%MatrixMarket matrix array real symmetric\n3 3\n4\n0\n5\n0\n6\n0\n");
  });
  const double expected[3][3] = {{4, 0, 5}, {0, 0, 6}, {5, 6, 0}};
  for (const char* name : {"s.mtx", "a.mtx"}) {
    const auto v = load<double>(world(), folder / name);
    const std::vector<double> own = dense_rows(v);
    for (Index i = 0; i < v.rows_local(); ++i) {
      for (Index j = 0; j < 3; ++j) {
        CHECK(own[static_cast<std::size_t>(3 * i + j)] == expected[v.first_row() + i][j]);
      }
    }
  }
}

TEST_CASE("upper triangles, and both, are the same symmetric matrix", "[load]") {
  SharedFolder folder;
  const std::string head = "%%MatrixMarket matrix coordinate integer symmetric\n3 3 ";
  on_root([&] {
    write_text(folder / "lower.mtx", head + "3\n1 1 4\n3 1 5\n3 2 6\n");
    write_text(folder / "upper.mtx", head + "3\n1 1 4\n1 3 5\n2 3 6\n");
    write_text(folder / "both.mtx", head + "5\n1 1 4\n1 3 5\n2 3 6\n3 2 6\n3 1 5\n");
    write_gzip(folder / "mixed.mtx.gz", head + "3\n3 1 5\n1 1 4\n2 3 6\n");
    write_text(folder / "wrong.mtx", head + "3\n3 1 5\n1 1 4\n1 3 6\n");
  });
  const double expected[3][3] = {{4, 0, 5}, {0, 0, 6}, {5, 6, 0}};
  for (const char* name : {"lower.mtx", "upper.mtx", "both.mtx", "mixed.mtx.gz"}) {
    const auto v = load<double>(world(), folder / name);
    INFO(name);
    CHECK(v.summary().stored == 5);
    const std::vector<double> own = dense_rows(v);
    for (Index i = 0; i < v.rows_local(); ++i) {
      for (Index j = 0; j < 3; ++j) {
        CHECK(own[static_cast<std::size_t>(3 * i + j)] == expected[v.first_row() + i][j]);
      }
    }
  }
  check_fails<BadData>(folder / "wrong.mtx", "line 5");
}

TEST_CASE("negative entries within what is allowed are 0, and counted over all ranks", "[load]") {
  SharedFolder folder;
  Example dense{41, 4, true};
  on_root([&] {
    std::string bytes = npy(dense, false);
    const double tiny[2] = {-1e-17, -1e-9};
    for (const Index row : {0, 20, 40}) {
      bytes.replace(static_cast<std::size_t>(128 + (row * 4 + 1) * 8), 16, reinterpret_cast<const char*>(tiny),
                    16);
    }
    write_text(folder / "v.npy", bytes);
    write_gzip(folder / "v.npy.gz", bytes);
    write_text(folder / "v.mtx", coordinate + "3 3 4\n1 1 2\n2 1 -1e-17\n3 3 -1e-9\n3 1 1\n");
  });
  LoadOptions options;
  options.clip_negative = 1e-9;
  for (const bool transpose : {false, true}) {
    options.transpose = transpose;
    for (const char* name : {"v.npy", "v.npy.gz"}) {
      const auto v = load<double>(world(), folder / name, options);
      CHECK(v.summary().clipped == 6);
      CHECK(v.summary().minimum == 0);
      CHECK(v.summary().nonzeros == 41 * 4 - 6);
    }
    const auto sparse = load<double>(world(), folder / "v.mtx", options);
    CHECK(sparse.summary().clipped == 2);
    CHECK(sparse.summary().stored == 2);
    LoadOptions with_add = options;
    with_add.add = 1;
    const auto added = load<double>(world(), folder / "v.mtx", with_add);
    CHECK(added.summary().clipped == 2);
    CHECK(added.summary().minimum == 1);
    CHECK(added.summary().sum == 12);
  }
  check_fails<BadData>(folder / "v.npy", "--clip-negative 1e-09");
  options.clip_negative = 1e-10;
  check_fails<BadData>(folder / "v.mtx", "", options);
  options.clip_negative = -1;
  check_fails<UsageError>(folder / "v.npy", "--clip-negative", options);
}

TEST_CASE("entries in the same place are summed and counted over all ranks, however they are read", "[load]") {
  SharedFolder folder;
  on_root([&] {
    // two numbers and a 0 in one place, three in another
    write_text(folder / "v.mtx", coordinate + "4 3 8\n3 2 4\n1 1 2\n1 1 0\n2 3 1\n3 2 1\n1 1 3\n3 2 1\n4 1 1\n");
    std::filesystem::create_directories(folder / "v.csr");
    const auto write = [&](const std::string& name, const std::vector<Index>& numbers) {
      std::string bytes = io::npy_header_bytes("i8", {static_cast<Index>(numbers.size())});
      bytes.append(reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(Index));
      write_text(folder / ("v.csr/" + name + ".npy"), bytes);
    };
    write("indptr", {0, 3, 4, 7, 8});
    write("indices", {0, 0, 0, 2, 1, 1, 1, 0});
    write("data", {2, 0, 3, 1, 4, 1, 1, 1});
    write("shape", {4, 3});
    write_text(folder / "once.mtx", coordinate + "2 2 3\n1 1 2\n1 2 0\n2 1 1\n");
  });
  std::vector<LoadOptions> ways(8);
  ways[1].add = 1;
  ways[2].preparation.log1p = true;
  ways[3].preparation.columns = "0:2";
  ways[4].preparation.min_column_count = 1;
  ways[5].storage = Storage::disk;
  ways[6].storage_type = StorageType::uint8;
  ways[7].preparation = {.rows = "0:3", .scale_rows = "max"};
  for (const char* name : {"v.mtx", "v.csr"}) {
    for (std::size_t way = 0; way < ways.size(); ++way) {
      for (const bool transpose : {false, true}) {
        if (transpose && (way == 3 || way == 7)) continue;  // other rows and columns
        INFO(name << ", " << way << ", " << transpose);
        ways[way].transpose = transpose;
        CHECK(load<double>(world(), folder / name, ways[way]).summary().summed == 3);
        CHECK(load<float>(world(), folder / name, ways[way]).perturbed({}, 1).summary().summed == 3);
      }
    }
  }
  CHECK(load<double>(world(), folder / "once.mtx").summary().summed == 0);
}

TEST_CASE("many entries in many batches reach their ranks", "[load]") {
  SharedFolder folder;
  const Index m = 150000;
  on_root([&] {
    std::string text = coordinate + fmt::format("{} 3 {}\n", m, m);
    for (Index i = m; i > 0; --i) text += fmt::format("{} {} {}\n", i, i % 3 + 1, i);
    write_gzip(folder / "s.mtx.gz", text);
  });
  const auto v = load<double>(world(), folder / "s.mtx.gz");
  CHECK(v.summary().stored == m);
  CHECK(v.summary().sum == static_cast<double>(m) * static_cast<double>(m + 1) / 2);
  const std::vector<double> own = dense_rows(v);
  Index wrong = 0;
  for (Index i = 0; i < v.rows_local(); ++i) {
    const Index row = v.first_row() + i;
    wrong += own[static_cast<std::size_t>(3 * i + (row + 1) % 3)] != static_cast<double>(row + 1);
  }
  CHECK(wrong == 0);
  CHECK(v.rows_local() < m / world().size() + 2 * v.partition().panel_height());
}

TEST_CASE("malformed files fail alike on every rank", "[load]") {
  SharedFolder folder;
  const std::string path = folder / "v";
  const auto check_text = [&](const std::string& text, const std::string& message) {
    on_root([&] { write_text(path, text); });
    check_fails<BadData>(path, message);
    world().wait_for_all();
  };
  check_text("", "is empty");
  check_text("1,2,3\n4,5,6\n7,8\n", "line 3: 2 numbers where the first row has 3");
  check_text("hello, world\n", "unknown format; supported are NumPy array");
  check_text("PK\x03\x04 and so on", "zip archive");
  check_text("%%MatrixMarket nonsense\n", "line 1");
  check_text(coordinate + "3 3 1\n4 1 1\n", "line 3");
  check_text(coordinate + "3 3000000000 1\n1 1 1\n", "transpose it");
  check_text(coordinate + "9 3 3\n1 1 1\n", "promises 3 entries");
  check_text("%%MatrixMarket matrix array real general\n2 2\n1\n2\n3\n", "promises 4 entries");
  check_text("%%MatrixMarket matrix array real general\n2 2\n1\n2\n3\nnan\n", "--missing nan");
  const Example dense{20, 4, true};
  check_text(npy(dense, false).substr(0, 500), "cut short");
  std::string negative = npy(dense, false);
  const double minus = -1;
  negative.replace(128 + (17 * 4 + 2) * 8, 8, reinterpret_cast<const char*>(&minus), 8);
  check_text(negative, "row 17, column 2 (counted from 0)");
  LoadOptions add;
  add.add = 2;
  check_fails<BadData>(path, "row 17, column 2 (counted from 0)", add);
}

TEST_CASE("a bad entry has its place in the file, transposed or not", "[load]") {
  SharedFolder folder;
  for (const double bad : {-1.0, std::nan(""), static_cast<double>(INFINITY)}) {
    on_root([&] {
      const auto put = [&](std::string bytes, Index element) {
        bytes.replace(128 + static_cast<std::size_t>(element) * 8, 8, reinterpret_cast<const char*>(&bad), 8);
        return bytes;
      };
      const Example dense{20, 4, true};
      write_text(folder / "c.npy", put(npy(dense, false), 17 * 4 + 2));
      write_text(folder / "f.npy", put(npy(dense, true), 2 * 20 + 17));
      write_gzip(folder / "c.npy.gz", put(npy(dense, false), 17 * 4 + 2));
      write_text(folder / "a.mtx", fmt::format("{}20 4 1\n18 3 {}\n", coordinate, bad));
    });
    if (world().is_root() && !std::filesystem::exists(folder / "csr")) {
      write_text(folder / "s.mtx", coordinate + "20 4 2\n1 1 1\n18 3 1\n");
      convert_to_csr(Comm::self(), folder / "s.mtx", folder / "csr", {}, true);
    }
    on_root([&] {
      std::string bytes = read_text(folder / "csr/data.npy");
      bytes.replace(128 + 8, 8, reinterpret_cast<const char*>(&bad), 8);
      write_text(folder / "csr/data.npy", bytes);
    });
    for (const bool transpose : {false, true}) {
      LoadOptions options;
      options.transpose = transpose;
      for (const char* name : {"c.npy", "f.npy", "c.npy.gz", "a.mtx", "csr"}) {
        check_fails<BadData>(folder / name, "in row 17, column 2 (counted from 0", options);
      }
      for (const char* name : {"c.npy", "csr"}) {
        CHECK_THROWS_WITH(convert_to_csr(world(), folder / name, folder / "out", {.transpose = transpose}, false),
                          Contains("in row 17, column 2 (counted from 0") && !Contains("single"));
      }
    }
    world().wait_for_all();
  }
}

TEST_CASE("a fault in the middle of a stream meets on every rank", "[load]") {
  SharedFolder folder;
  const Index m = 200000;
  std::string text = fmt::format("%%MatrixMarket matrix array real general\n{} 1\n", m);
  for (Index i = 0; i < m; ++i) text += i == 150000 ? "-1\n" : "1\n";
  on_root([&] {
    write_text(folder / "a.mtx", text);
    write_gzip(folder / "a.mtx.gz", text);
    const std::string zipped = read_text(folder / "a.mtx.gz");
    write_text(folder / "short.mtx.gz", zipped.substr(0, zipped.size() - 4));
    write_gzip(folder / "v.npy.gz", npy(Example{2000, 100, true}, false));
    const std::string array = read_text(folder / "v.npy.gz");
    write_text(folder / "short.npy.gz", array.substr(0, array.size() / 2));
  });
  check_fails<BadData>(folder / "a.mtx", "line 150003");
  check_fails<BadData>(folder / "a.mtx.gz", "line 150003");
  check_fails<BadData>(folder / "short.mtx.gz", "cut short");
  check_fails<BadData>(folder / "short.npy.gz", "cut short");
}

TEST_CASE("a bad row of a folder is one message, whoever owns it", "[load]") {
  SharedFolder folder;
  on_root([&] { write_text(folder / "s.mtx", market_coordinate(Example{64, 9, false})); });
  convert_to_csr(world(), folder / "s.mtx", folder / "csr", {}, false);
  const std::vector<Index> offsets = io::read_npy_integers(folder / "csr/indptr.npy");
  const Index entry = offsets[63];
  world().wait_for_all();
  on_root([&] {
    std::string bytes = read_text(folder / "csr/indices.npy");
    bytes[128 + static_cast<std::size_t>(entry) * 4] = 77;
    write_text(folder / "csr/indices.npy", bytes);
  });
  check_fails<BadData>(folder / "csr", "row 63 has an entry in column 77 (both counted from 0)");
  LoadOptions options;
  options.transpose = true;
  check_fails<BadData>(folder / "csr", "row 63 has an entry in column 77", options);
}

TEST_CASE("what is added to every entry of a sparse matrix makes it dense", "[load]") {
  SharedFolder folder;
  on_root([&] { write_text(folder / "s.mtx", coordinate + "5 2 4\n1 1 1\n5 2 3\n1 1 2\n3 1 4\n"); });
  LoadOptions options;
  options.add = 0.5;
  CHECK_FALSE(load_header(world(), folder / "s.mtx", options).sparse);
  const auto v = load<double>(world(), folder / "s.mtx", options);
  CHECK_FALSE(v.is_sparse());
  CHECK(v.summary().sum == Approx(10 + 0.5 * 10));
  CHECK(v.summary().maximum == Approx(4.5));
  CHECK(v.summary().minimum == Approx(0.5));
}

TEST_CASE("missing files and wrong wishes fail alike on every rank", "[load]") {
  SharedFolder folder;
  check_fails<SystemError>(folder / "none.npy", "No such file");
  CHECK_THROWS_AS(load_header(world(), folder / "none.npy"), SystemError);
  on_root([&] {
    write_text(folder / "s.mtx", coordinate + "2 2 1\n1 1 1\n");
    std::filesystem::create_directory(folder / "empty");
  });
  check_fails<BadData>(folder / "empty", "folder without indptr.npy");
  LoadOptions options;
  check_fails<UsageError>("generate:nothing", "generat");
  options.add = -1;
  check_fails<UsageError>(folder / "s.mtx", "", options);
}

TEST_CASE("rows that a program brings may have room behind the last, as in SciPy", "[load]") {
  CsrRows<double> rows{3, {0, 1, 3}, {1, 0, 2, 99, -1}, {4, 5, 6, -7, NAN}};
  const auto v = DataMatrix<double>::from_rows(Comm::self(), std::move(rows));
  CHECK(v.summary().stored == 3);
  CHECK(v.summary().sum == 15);
  CHECK(v.stored_before(2) == 3);
  CsrRows<double> short_ones{3, {0, 1, 4}, {1, 0, 2}, {4, 5, 6}};
  CHECK_THROWS_WITH(DataMatrix<double>::from_rows(Comm::self(), std::move(short_ones)), Contains("row offsets"));
}

TEST_CASE("all ranks write one array", "[load]") {
  SharedFolder folder;
  const Index own = world().rank() == 1 ? 0 : 5 + world().rank();
  const Index first = world().sum_before(own), all = world().sum(own);
  auto rows = Matrix<double>::padded(own, 3);
  for (Index i = 0; i < own; ++i) {
    for (Index j = 0; j < 3; ++j) rows(i, j) = static_cast<double>(10 * (first + i) + j);
  }
  io::write_npy<double>(world(), folder / "w.npy", rows.view());
  const Matrix<double> back = io::read_npy<double>(folder / "w.npy");
  CHECK((back.rows() == all && back.columns() == 3));
  Index wrong = 0;
  for (Index i = 0; i < back.rows(); ++i) {
    for (Index j = 0; j < 3; ++j) wrong += back(i, j) != static_cast<double>(10 * i + j);
  }
  CHECK(wrong == 0);
  world().wait_for_all();
  CHECK_THROWS_WITH(io::write_npy<double>(world(), "/dev/full", rows.view()), Contains("No space left"));
  CHECK_THROWS_AS(io::write_npy<double>(world(), folder / "none/w.npy", rows.view()), SystemError);
  const Matrix<double> other(1, world().rank() == world().size() - 1 ? 4 : 3);
  if (world().size() > 1) {
    CHECK_THROWS_AS(io::write_npy<double>(world(), folder / "x.npy", other.view()), ShapeMismatch);
  }
  if (world().is_root()) CHECK(!std::filesystem::exists(folder / "x.npy"));
}

TEST_CASE("only a matrix in single precision is advised to use double", "[load]") {
  Matrix<float> single(1, 1);
  Matrix<double> twice(1, 1);
  single(0, 0) = INFINITY;
  twice(0, 0) = INFINITY;
  CHECK_THROWS_WITH(DataMatrix<float>::from_rows(Comm::self(), std::move(single)), Contains("use double"));
  CHECK_THROWS_WITH(DataMatrix<double>::from_rows(Comm::self(), std::move(twice)),
                    Contains("infinite entry in row 0, column 0") && !Contains("single"));
}
