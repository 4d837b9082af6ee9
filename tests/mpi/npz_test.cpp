// SciPy's and NumPy's archives on several ranks: the same bits of V as from a CSR folder or a .npy.
#include <fmt/format.h>

#include <cmath>
#include <filesystem>

#include "bits.hpp"
#include "catch.hpp"
#include "contains.hpp"
#include "npz_files.hpp"
#include "shared_folder.hpp"

using namespace mpinmf;

namespace {

/// m x n with about a quarter of entries, each in so many parts, of which no sum is exact; some rows are empty.
struct Scattered {
  Index rows, columns;
  int parts;

  bool has(Index i, Index j) const { return i % 7 != 3 && (5 * i + 11 * j + i * j) % 4 == 0; }
  double part(Index i, Index j, int p) const {
    return std::sqrt(static_cast<double>(1 + 3 * i + 7 * j + 100 * p));
  }
};

using ArchiveArrays = std::vector<ZipEntry>;

template <class T>
ZipEntry vector_of(const std::string& name, const std::string& type, const std::vector<T>& values) {
  return {name + ".npy", npy_bytes(type, {static_cast<Index>(values.size())}, values)};
}

/// Rows one after the other, or columns.
ArchiveArrays compressed_arrays(const Scattered& v, bool by_columns) {
  std::vector<Index> offsets{0}, places;
  std::vector<double> values;
  for (Index a = 0; a < (by_columns ? v.columns : v.rows); ++a) {
    for (int p = 0; p < v.parts; ++p) {
      for (Index b = 0; b < (by_columns ? v.rows : v.columns); ++b) {
        const Index i = by_columns ? b : a, j = by_columns ? a : b;
        if (!v.has(i, j)) continue;
        places.push_back(b);
        values.push_back(v.part(i, j, p));
      }
    }
    offsets.push_back(static_cast<Index>(places.size()));
  }
  return {vector_of("indptr", "i8", offsets),
          vector_of("indices", "i8", places),
          vector_of("data", "f8", values),
          vector_of<Index>("shape", "i8", {v.rows, v.columns}),
          {"format.npy", npy_word(by_columns ? "csc" : "csr")}};
}

/// Of a column the last row comes first.
ArchiveArrays coordinates(const Scattered& v) {
  std::vector<Index> rows, columns;
  std::vector<double> values;
  for (int p = 0; p < v.parts; ++p) {
    for (Index j = 0; j < v.columns; ++j) {
      for (Index i = v.rows - 1; i >= 0; --i) {
        if (!v.has(i, j)) continue;
        rows.push_back(i);
        columns.push_back(j);
        values.push_back(v.part(i, j, p));
      }
    }
  }
  return {vector_of("row", "i8", rows),
          vector_of("col", "i8", columns),
          vector_of("data", "f8", values),
          vector_of<Index>("shape", "i8", {v.rows, v.columns}),
          {"format.npy", npy_word("coo")}};
}

/// All diagonals. @pre one part
ArchiveArrays diagonals(const Scattered& v) {
  std::vector<Index> offsets;
  std::vector<double> values;
  for (Index d = 1 - v.rows; d < v.columns; ++d) {
    offsets.push_back(d);
    for (Index j = 0; j < v.columns; ++j) {
      const Index i = j - d;
      const bool inside = i >= 0 && i < v.rows;
      values.push_back(!inside ? -1 : v.has(i, j) ? v.part(i, j, 0) : 0);
    }
  }
  return {vector_of("offsets", "i8", offsets),
          {"data.npy", npy_bytes("f8", {v.rows + v.columns - 1, v.columns}, values)},
          vector_of<Index>("shape", "i8", {v.rows, v.columns}),
          {"format.npy", npy_word("dia")}};
}

/// All blocks of height x width. @pre one part
ArchiveArrays blocks(const Scattered& v, Index height, Index width) {
  std::vector<Index> offsets{0}, places;
  std::vector<double> values;
  for (Index a = 0; a < v.rows / height; ++a) {
    for (Index b = v.columns / width - 1; b >= 0; --b) {
      places.push_back(b);
      for (Index e = 0; e < height * width; ++e) {
        const Index i = a * height + e / width, j = b * width + e % width;
        values.push_back(v.has(i, j) ? v.part(i, j, 0) : 0);
      }
    }
    offsets.push_back(static_cast<Index>(places.size()));
  }
  return {vector_of("indptr", "i8", offsets),
          vector_of("indices", "i8", places),
          {"data.npy", npy_bytes("f8", {static_cast<Index>(places.size()), height, width}, values)},
          vector_of<Index>("shape", "i8", {v.rows, v.columns}),
          {"format.npy", npy_word("bsr")}};
}

std::string dense_array(const Scattered& v) {
  std::vector<double> values;
  for (Index e = 0; e < v.rows * v.columns; ++e) {
    const Index i = e / v.columns, j = e % v.columns;
    values.push_back(v.has(i, j) ? v.part(i, j, 0) : 0);
  }
  return npy_bytes("f8", {v.rows, v.columns}, values);
}

void write_archive(const std::string& path, ArchiveArrays arrays, bool deflated) {
  for (ZipEntry& array : arrays) array.deflated = deflated;
  write_text(path, zip_bytes(arrays));
}

void check_bits_of_archive(const std::string& path, const Bits& reference) {
  INFO(path << " on rank " << world().rank());
  CHECK((Bits(path) == reference));
}

}  // namespace

TEST_CASE("every archive of a matrix gives the same bits of V", "[npz]") {
  for (const auto& [rows, columns, parts] : {std::tuple<Index, Index, int>{102, 36, 1}, {101, 37, 3}, {6, 3, 1}}) {
    SharedFolder folder;
    const Scattered v{rows, columns, parts};
    std::vector<std::string> archives;
    const auto add = [&](const std::string& name, const ArchiveArrays& arrays) {
      for (const bool deflated : {false, true}) {
        archives.push_back(folder / name + (deflated ? "-deflated.npz" : ".npz"));
        if (world().is_root()) write_archive(archives.back(), arrays, deflated);
      }
    };
    add("csr", compressed_arrays(v, false));
    add("csc", compressed_arrays(v, true));
    add("coo", coordinates(v));
    if (parts == 1) add("dia", diagonals(v));
    if (parts == 1) add("bsr", blocks(v, 2, 3));
    if (world().is_root()) {
      std::filesystem::create_directory(folder / "csr");
      for (const ZipEntry& array : compressed_arrays(v, false))
        write_text(folder / "csr/" + array.name, array.bytes);
      write_text(folder / "v.npy", dense_array(v));
      write_archive(folder / "v.npz", {{"v.npy", dense_array(v)}}, false);
      write_archive(folder / "deflated.npz", {{"v.npy", dense_array(v)}}, true);
    }
    world().wait_for_all();
    const Bits of_csr(folder / "csr"), of_npy(folder / "v.npy");
    for (const std::string& archive : archives) check_bits_of_archive(archive, of_csr);
    check_bits_of_archive(folder / "v.npz", of_npy);
    check_bits_of_archive(folder / "deflated.npz:/v", of_npy);
  }
}

TEST_CASE("what is wrong in an archive is thrown by every rank", "[npz]") {
  SharedFolder folder;
  const Scattered v{101, 37, 1};
  for (const bool deflated : {false, true}) {
    for (const bool by_columns : {false, true}) {
      if (world().is_root()) {
        ArchiveArrays arrays = compressed_arrays(v, by_columns);
        arrays[1].bytes.end()[-8 * 30] = '\x7f';  // of the last entries
        write_archive(folder / "v.npz", arrays, deflated);
      }
      world().wait_for_all();
      CHECK_THROWS_WITH(load<double>(world(), folder / "v.npz"),
                        Contains("v.npz:/indices: ") && Contains(by_columns ? "row 127" : "column 127"));
    }
  }
}
