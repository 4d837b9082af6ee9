#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>

#include "catch.hpp"
#include "contains.hpp"
#include "data/sort_by_column.hpp"
#include "files.hpp"
#include "io/csr_builder.hpp"
#include "io/csr_folder.hpp"
#include "io/npy.hpp"
#include "written_files.hpp"

using namespace mpinmf;
using namespace mpinmf::io;

namespace {

using Places = std::map<std::pair<Index, Index>, double>;

template <class T>
void write_vector(const std::string& path, const std::string& type, const std::vector<T>& values) {
  std::string bytes = npy_header_bytes(type, {static_cast<Index>(values.size())});
  bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
  write_text(path, bytes);
}

/// 3 x 4:  [. 2 . 1]   the first row out of order
///         [. . . .]
///         [5 . 3 .]   3 in two parts
void write_example(const std::string& folder) {
  std::filesystem::create_directories(folder);
  write_vector<Index>(folder + "/indptr.npy", "i8", {0, 2, 2, 5});
  write_vector<std::int32_t>(folder + "/indices.npy", "i4", {3, 1, 2, 0, 2});
  write_vector<float>(folder + "/data.npy", "f4", {1, 2, 1, 5, 2});
  write_vector<std::int32_t>(folder + "/shape.npy", "i4", {3, 4});
}

const Places example = {{{0, 1}, 2}, {{0, 3}, 1}, {{2, 0}, 5}, {{2, 2}, 3}};

Places read(const std::string& folder, bool transpose = false) {
  Source source = open_csr_folder(folder, transpose);
  Places places;
  const auto take = [&](std::span<const Entry> entries) {
    for (const Entry& e : entries) places[{e.row, e.column}] += e.value;
  };
  if (auto* rows = std::get_if<std::unique_ptr<SparseRows>>(&source.reader)) {
    (*rows)->read(0, source.header.rows, take);
  } else {
    std::get<std::unique_ptr<EntryStream>>(source.reader)->read_all(take);
  }
  return places;
}

std::string fault(const std::string& folder) {
  try {
    read(folder);
  } catch (const BadData& error) {
    return error.what();
  }
  return "no fault";
}

}  // namespace

TEST_CASE("a folder reads row by row and transposed", "[csr]") {
  TemporaryFolder folder;
  write_example(folder / "v");
  Source source = open_csr_folder(folder / "v", false);
  CHECK((source.header.rows == 3 && source.header.columns == 4 && source.header.stored == 5));
  CHECK((source.header.sparse && source.header.single_precision));
  std::vector<Index> lengths(2);
  std::get<std::unique_ptr<SparseRows>>(source.reader)->lengths(1, lengths);
  CHECK(lengths == std::vector<Index>{0, 3});
  CHECK(read(folder / "v") == example);
  Places turned;
  for (const auto& [place, value] : example) turned[{place.second, place.first}] = value;
  CHECK(read(folder / "v", true) == turned);
  CHECK(open_csr_folder(folder / "v", true).header.rows == 4);
}

TEST_CASE("what stands behind the last row is no part of the matrix, as in SciPy", "[csr]") {
  TemporaryFolder folder;
  write_example(folder / "v");
  write_vector<std::int32_t>(folder / "v/indices.npy", "i4", {3, 1, 2, 0, 2, 99, -7});
  write_vector<float>(folder / "v/data.npy", "f4", {1, 2, 1, 5, 2, -3, NAN});
  for (const bool has_shape : {true, false}) {
    if (!has_shape) std::filesystem::remove(folder / "v/shape.npy");
    CHECK(read(folder / "v") == example);
    const MatrixHeader header = open_csr_folder(folder / "v", false).header;
    CHECK(header.stored == 5);
    CHECK(header.columns == 4);
    CHECK(read(folder / "v", true).size() == example.size());
    convert_to_csr(Comm::self(), folder / "v", folder / "out", {}, true);
    CHECK(read(folder / "out") == example);
    CHECK(read_npy_header(folder / "out/data.npy").shape == std::vector<Index>{4});
  }
}

TEST_CASE("the arrays of a CSC matrix are recognised where it is not square", "[csr]") {
  TemporaryFolder folder;
  write_example(folder / "v");
  write_vector<std::int32_t>(folder / "v/shape.npy", "i4", {4, 3});
  CHECK_THAT(fault(folder / "v"), Contains("shape.npy: says 4 x 3") && Contains("CSC matrix") &&
                                      Contains("V = scipy.sparse.csr_matrix(V)"));
}

TEST_CASE("negative entries within what is allowed become 0 in a conversion, and are counted", "[csr]") {
  TemporaryFolder folder;
  write_example(folder / "v");
  write_vector<float>(folder / "v/data.npy", "f4", {-1e-10F, 2, 1, 5, 2});
  CHECK_THROWS_WITH(convert_to_csr(Comm::self(), folder / "v", folder / "out", {}, false),
                    Contains("row 0, column 3") && Contains("--clip-negative 1e-09"));
  CHECK(convert_to_csr(Comm::self(), folder / "v", folder / "out", {.clip_negative = 1e-9}, false) == 1);
  Places clipped = example;
  clipped.erase({0, 3});
  CHECK(read(folder / "out") == clipped);
}

TEST_CASE("without shape.npy the largest column decides", "[csr]") {
  TemporaryFolder folder;
  write_example(folder / "v");
  std::filesystem::remove(folder / "v/shape.npy");
  CHECK(open_csr_folder(folder / "v", false).header.columns == 4);
  write_vector<Index>(folder / "v/indptr.npy", "i8", {0, 0});
  write_vector<Index>(folder / "v/indices.npy", "i8", {});
  write_vector<double>(folder / "v/data.npy", "f8", {});
  CHECK_THAT(fault(folder / "v"), Contains("add shape.npy"));
}

TEST_CASE("malformed folders name file and row", "[csr]") {
  TemporaryFolder folder;
  const std::string v = folder / "v";
  const auto with_offsets = [&](const std::vector<Index>& offsets) {
    write_example(v);
    write_vector<Index>(v + "/indptr.npy", "i8", offsets);
    return fault(v);
  };
  CHECK_THAT(with_offsets({1, 2, 2, 5}), Contains("indptr.npy: must start with 0, not 1"));
  CHECK_THAT(with_offsets({0, 2, 2, 6}), Contains("ends with 6") && Contains("has 5 entries"));
  CHECK_THAT(with_offsets({0, 3, 2, 5}), Contains("falls from 3 to 2 at row 1 (counted from 0)"));
  CHECK_THAT(with_offsets({0, 2, 99, 5}), Contains("row 2 (counted from 0) starts at entry 99"));
  CHECK_THAT(with_offsets({0, -2, 2, 5}), Contains("row 1 (counted from 0) starts at entry -2"));
  CHECK_THAT(with_offsets({0, 2, 5}), Contains("shape.npy: must hold two numbers, 2"));
  CHECK_THAT(with_offsets({}), Contains("is empty"));
  CHECK_THAT(with_offsets({0}), Contains("shape.npy: must hold two numbers, 0"));

  write_example(v);
  write_vector<Index>(v + "/indices.npy", "i8", {3, 1, 4, 0, 2});
  CHECK_THAT(fault(v), Contains("row 2 has an entry in column 4 (both counted from 0)") && Contains("3 x 4"));
  write_vector<Index>(v + "/indices.npy", "i8", {3, -1, 2, 0, 2});
  CHECK_THAT(fault(v), Contains("row 0 has an entry in column -1"));
  write_vector<Index>(v + "/indices.npy", "i8", {3, 1, 2, 0});
  CHECK_THAT(fault(v), Contains("different matrices"));
  // SciPy keeps room behind the last entry
  write_vector<Index>(v + "/indices.npy", "i8", {3, 1, 2, 0, 2, 99, 99});
  CHECK_NOTHROW(read(v));
  write_vector<double>(v + "/indices.npy", "f8", {3, 1, 2, 0, 2});
  CHECK_THAT(fault(v), Contains("must hold integers"));
  write_example(v);
  std::filesystem::remove(v + "/data.npy");
  CHECK_THROWS_AS(read(v), SystemError);
}

TEST_CASE("the builder sorts, sums and drops, and refuses what was not announced", "[csr]") {
  const std::vector<Entry> entries = {{11, 5, 1}, {10, 3, 2}, {11, 0, 7}, {9, 0, 1}, {11, 5, 2}, {11, 4, 0}};
  CsrBuilder<float> builder("V", 10, 6, {1, 4, 0});
  builder.add(entries);
  const CsrRows<float> rows = builder.finish().plain;
  CHECK(rows.offsets == std::vector<Index>{0, 1, 3, 3});
  CHECK(rows.indices == std::vector<ColumnIndex>{3, 0, 5});
  CHECK(rows.values == std::vector<float>{2, 7, 3});

  LoadOptions known;
  known.missing = Missing::zeros;  // a zero that is stored is not one of these
  CsrBuilder<float> with_zeros("V", 10, 6, {1, 4, 0}, known);
  with_zeros.add(entries);
  const CsrRows<float> all = with_zeros.finish().plain;
  CHECK(all.offsets == std::vector<Index>{0, 1, 4, 4});
  CHECK(all.indices == std::vector<ColumnIndex>{3, 0, 4, 5});
  CHECK(all.values == std::vector<float>{2, 7, 0, 3});

  CsrBuilder<double> short_one("V", 10, 6, {1, 3, 0}), long_one("V", 10, 6, {2, 4, 0});
  CHECK_THROWS_WITH(short_one.add(entries), Contains("row 11 (counted from 0) changed"));
  long_one.add(entries);
  CHECK_THROWS_WITH(long_one.finish(), Contains("row 10 (counted from 0) changed"));
  CsrBuilder<float> narrow("V", 0, 1, {1});
  const std::vector<Entry> large = {{0, 0, 1e300}};
  CHECK_THROWS_WITH(narrow.add(large), Contains("too large for single precision"));
}

TEST_CASE("every format converts into the same folder", "[csr]") {
  TemporaryFolder folder;
  write_example(folder / "v");
  write_text(folder / "v.mtx",
             "%%MatrixMarket matrix coordinate real general\n3 4 6\n1 4 1\n3 3 1\n1 2 2\n3 1 5\n3 3 2\n2 2 0\n");
  const std::vector<double> dense = {0, 2, 0, 1, 0, 0, 0, 0, 5, 0, 3, 0};
  std::string bytes = npy_header_bytes("f8", {3, 4});
  bytes.append(reinterpret_cast<const char*>(dense.data()), dense.size() * sizeof(double));
  write_text(folder / "v.npy", bytes);
  for (const char* name : {"v", "v.mtx", "v.npy"}) {
    INFO(name);
    convert_to_csr(Comm::self(), folder / name, folder / "out/", {}, true);
    CHECK(read_npy_integers(folder / "out/indptr.npy") == std::vector<Index>{0, 2, 2, 4});
    CHECK(read_npy_integers(folder / "out/indices.npy") == std::vector<Index>{1, 3, 0, 2});
    CHECK(read_npy_integers(folder / "out/shape.npy") == std::vector<Index>{3, 4});
    CHECK(read(folder / "out") == example);
    convert_to_csr(Comm::self(), folder / name, folder / "turned", {.transpose = true}, true);
    CHECK(read(folder / "turned", true) == example);
  }
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 5);
}

TEST_CASE("a conversion keeps the precision", "[csr]") {
  TemporaryFolder folder;
  write_example(folder / "v");
  write_text(folder / "v.mtx", "%%MatrixMarket matrix coordinate real general\n1 1 1\n1 1 0.1\n");
  convert_to_csr(Comm::self(), folder / "v", folder / "single", {}, false);
  CHECK(read_npy_header(folder / "single/data.npy").type == "f4");
  CHECK(open_csr_folder(folder / "single", false).header.single_precision);
  convert_to_csr(Comm::self(), folder / "v.mtx", folder / "double", {}, false);
  CHECK(read_npy_header(folder / "double/data.npy").type == "f8");
  CHECK(read(folder / "double") == Places{{{0, 0}, 0.1}});
  // 3e38 twice in one place
  write_vector<std::int32_t>(folder / "v/indices.npy", "i4", {3, 1, 2, 0, 2});
  write_vector<float>(folder / "v/data.npy", "f4", {1, 2, 3e38F, 5, 3e38F});
  CHECK_THROWS_WITH(convert_to_csr(Comm::self(), folder / "v", folder / "sum", {}, false),
                    Contains("infinite entry in row 2, column 2"));
  CHECK_THROWS_WITH(convert_to_csr(Comm::self(), folder / "v", folder / "sum", {.transpose = true}, false),
                    Contains("infinite entry in row 2, column 2"));
}

TEST_CASE("a conversion that fails leaves nothing, and nothing foreign is replaced", "[csr]") {
  TemporaryFolder folder;
  write_text(folder / "bad.mtx", "%%MatrixMarket matrix coordinate real general\n3 4 2\n1 4 1\n3 3 -1\n");
  CHECK_THROWS_AS(convert_to_csr(Comm::self(), folder / "bad.mtx", folder / "out", {}, false), BadData);
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
  write_example(folder / "v");
  CHECK_THROWS_WITH(convert_to_csr(Comm::self(), folder / "v", folder / "v", {}, false), Contains("--force"));
  CHECK_NOTHROW(convert_to_csr(Comm::self(), folder / "v", folder / "v", {}, true));
  CHECK(read(folder / "v") == example);
  write_text(folder / "v/notes.txt", "mine");
  CHECK_THROWS_AS(convert_to_csr(Comm::self(), folder / "v", folder / "v", {}, true), UsageError);
  CHECK_THROWS_AS(convert_to_csr(Comm::self(), folder / "v", folder / "bad.mtx", {}, true), UsageError);
  CHECK(read_text(folder / "v/notes.txt") == "mine");
  CHECK_THROWS_AS(convert_to_csr(Comm::self(), folder / "v", "/dev/null/out", {}, false), Error);
}

TEST_CASE("entries of a row are sorted by column, those of one column as they came", "[csr]") {
  std::uint32_t bits = 1;
  const auto random = [&] { return (bits = bits * 1664525 + 1013904223) >> 8; };
  for (const int columns : {1, 200, 256, 257, 70000, 20000000, std::numeric_limits<ColumnIndex>::max()}) {
    for (const int count : {0, 1, 2, 47, 48, 49, 300, 3000}) {
      std::vector<std::pair<ColumnIndex, float>> row;
      for (int i = 0; i < count; ++i) {
        const auto high = static_cast<std::int64_t>(random()) << 24;
        row.emplace_back(static_cast<ColumnIndex>((high | random()) % columns), static_cast<float>(i));
      }
      auto expected = row;
      std::stable_sort(expected.begin(), expected.end(),
                       [](const auto& a, const auto& b) { return a.first < b.first; });
      detail::sort_by_column(row);
      INFO(count << " entries in " << columns << " columns");
      CHECK(row == expected);
    }
  }
}
