// V of which another file says what is unknown, beside V with NaN written into its own file: the same bits.
#include <fmt/format.h>
#include <zlib.h>

#include <cmath>
#include <limits>

#include "catch.hpp"
#include "contains.hpp"
#include "io/checksum.hpp"
#include "io/npy.hpp"
#include "mpi_support.hpp"
#include "mpinmf/load.hpp"
#include "shared_folder.hpp"
#include "written_files.hpp"

using namespace mpinmf;

namespace {

constexpr Index mask_rows = 67, mask_columns = 23;

/// mask_rows x mask_columns numbers, row by row.
using Numbers = std::vector<double>;

bool is_marked(Index i, Index j) {
  return (3 * i + 5 * j) % 7 == 0 || i == 11 || (j == 4 && i % 2 == 0);
}

template <class F>
Numbers numbers(F&& at) {
  Numbers all;
  for (Index i = 0; i < mask_rows; ++i) {
    for (Index j = 0; j < mask_columns; ++j) all.push_back(at(i, j));
  }
  return all;
}

/// Whole numbers, so that the sums of their halves are exact.
double value_at(Index i, Index j, bool dense) {
  const Index mixed = (7 * i + 13 * j + i * j * j) % 17;
  return !dense && mixed % 3 != 0 ? 0 : static_cast<double>(1 + mixed);
}

std::string npy_of(const Numbers& v) {
  std::string bytes = io::npy_header_bytes("f8", {mask_rows, mask_columns});
  return bytes.append(reinterpret_cast<const char*>(v.data()), v.size() * sizeof(double));
}

std::string table_of(const Numbers& v) {
  std::string text;
  for (std::size_t q = 0; q < v.size(); ++q) {
    text += fmt::format("{:.17g}{}", v[q], (q + 1) % static_cast<std::size_t>(mask_columns) == 0 ? "\n" : ",");
  }
  return text;
}

/// By columns, some entries in two parts, some of them 0.
std::string market_of(const Numbers& v) {
  std::string lines;
  Index count = 0;
  for (Index j = mask_columns - 1; j >= 0; --j) {
    for (Index i = 0; i < mask_rows; ++i) {
      const double value = v[static_cast<std::size_t>(i * mask_columns + j)];
      if (value == 0 && (i + j) % 9 != 0) continue;
      const int parts = (i + j) % 3 == 0 ? 2 : 1;
      for (int part = 0; part < parts; ++part)
        lines += fmt::format("{} {} {:.17g}\n", i + 1, j + 1, value / parts);
      count += parts;
    }
  }
  return fmt::format("%%MatrixMarket matrix coordinate real general\n{} {} {}\n", mask_rows, mask_columns, count) +
         lines;
}

void write_packed(const std::string& path, const std::string& bytes) {
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, bytes.data(), static_cast<unsigned>(bytes.size()));
  gzclose(file);
}

/// Rows as they are, for a CSR folder, whose values nobody checks here.
void write_csr(const std::string& folder, const Numbers& v) {
  std::vector<Index> offsets = {0}, indices;
  Numbers values;
  for (Index i = 0; i < mask_rows; ++i) {
    for (Index j = 0; j < mask_columns; ++j) {
      const double value = v[static_cast<std::size_t>(i * mask_columns + j)];
      if (value == 0 && (i + j) % 9 != 0) continue;
      indices.push_back(j);
      values.push_back(value);
    }
    offsets.push_back(static_cast<Index>(indices.size()));
  }
  std::filesystem::create_directory(folder);
  const auto write = [&](const std::string& name, const char* type, const auto& array) {
    std::string bytes = io::npy_header_bytes(type, {static_cast<Index>(array.size())});
    write_text(folder + "/" + name + ".npy",
               bytes.append(reinterpret_cast<const char*>(array.data()), array.size() * sizeof(array[0])));
  };
  write("indptr", "i8", offsets);
  write("indices", "i8", indices);
  write("data", "f8", values);
  write("shape", "i8", std::vector<Index>{mask_rows, mask_columns});
}

void write_all(const SharedFolder& folder, const std::string& name, const Numbers& v) {
  if (world().is_root()) {
    write_text(folder / name + ".npy", npy_of(v));
    write_text(folder / name + ".csv", table_of(v));
    write_text(folder / name + ".mtx", market_of(v));
    write_packed(folder / name + ".mtx.gz", market_of(v));
    write_csr(folder / name + ".csr", v);
  }
  world().wait_for_all();
}

/// Whole numbers are the same in either precision.
template <class T>
void check_alike(const DataMatrix<T>& is, const DataMatrix<double>& wanted, bool to_the_bit) {
  CHECK(is.is_sparse() == wanted.is_sparse());
  CHECK(is.rows_global() == wanted.rows_global());
  CHECK(is.columns() == wanted.columns());
  CHECK(is.summary().unknown > 0);
  CHECK(is.summary().unknown == wanted.summary().unknown);
  CHECK(is.summary().nonzeros == wanted.summary().nonzeros);
  CHECK(is.summary().sum == Approx(wanted.summary().sum).epsilon(1e-13));
  CHECK(is.summary().sum_squares == Approx(wanted.summary().sum_squares).epsilon(1e-13));
  if constexpr (std::is_same_v<T, double>) {
    if (to_the_bit) CHECK(io::checksum(is) == io::checksum(wanted));
  }
}

}  // namespace

TEST_CASE("a mask makes of V what NaN in its file makes of it, whatever reads either", "[mask]") {
  const SharedFolder folder;
  const double infinity = std::numeric_limits<double>::infinity();
  for (const bool dense : {true, false}) {
    // what V has where it is unknown is nobody's business
    const Numbers v = numbers([&](Index i, Index j) {
      if (!is_marked(i, j)) return value_at(i, j, dense);
      return i % 4 == 0 ? -9999.0 : i % 4 == 1 ? infinity : i % 4 == 2 ? std::nan("") : value_at(i, j, dense);
    });
    write_all(folder, "v", v);
    write_all(folder, "by_hand",
              numbers([&](Index i, Index j) { return is_marked(i, j) ? std::nan("") : value_at(i, j, dense); }));
    write_all(folder, "mask", numbers([](Index i, Index j) { return is_marked(i, j) ? 1.0 + (i + j) % 2 : 0.0; }));
    const std::vector<std::string> of_v =
        dense ? std::vector<std::string>{".npy", ".csv"} : std::vector<std::string>{".csr", ".mtx", ".mtx.gz"};
    std::vector<LoadOptions> ways(6);
    ways[1].transpose = true;
    ways[2].add = 2;
    ways[3].preparation.rows = "3:60";
    ways[3].preparation.columns = "1:-2";
    ways[3].preparation.scale_rows = "sum:100";
    ways[3].preparation.log1p = true;
    ways[4].preparation.scale_columns = "std";
    ways[4].preparation.min_column_count = 5;
    ways[5].storage = Storage::disk;
    ways[5].scratch = folder / ".";
    for (std::size_t w = 0; w < ways.size(); ++w) {
      LoadOptions way = ways[w];
      way.missing = Missing::nan;
      // sums over rows that others put together differ in their last digits
      const bool sums_rows = !way.preparation.scale_columns.empty();
      for (const std::string& read : of_v) {
        const auto wanted = load<double>(world(), folder / "by_hand" + read, way);
        for (const std::string mask : {"mask.npy", "mask.mtx", "mask.csr", "mask.csv", "mask.mtx.gz"}) {
          // whatever is done to V, one of them
          if (w > 0 && mask != (w % 2 == 0 ? "mask.npy" : "mask.mtx")) continue;
          INFO("v" << read << ", " << mask << ", way " << w);
          LoadOptions masked = way;
          masked.mask = folder / mask;
          if (mask == "mask.npy") {
            const MatrixHeader header = load_header(world(), folder / "v" + read, masked);
            CHECK(header.rows == wanted.rows_global());
            CHECK(header.columns == wanted.columns());
            CHECK(header.sparse == wanted.is_sparse());
            if (w < 2) CHECK(header.stored >= wanted.summary().stored);
            if (w < 2) check_alike(load<float>(world(), folder / "v" + read, masked), wanted, false);
          }
          check_alike(load<double>(world(), folder / "v" + read, masked), wanted, !sums_rows);
        }
      }
    }
  }
}

TEST_CASE("a mask of rows that a function makes", "[mask]") {
  const SharedFolder folder;
  write_all(folder, "mask", numbers([](Index i, Index j) { return is_marked(i, j) ? 1.0 : 0.0; }));
  DenseRowFunction dense{mask_rows, mask_columns, [](Index i, std::span<double> row) {
                           for (Index j = 0; j < mask_columns; ++j)
                             row[static_cast<std::size_t>(j)] = value_at(i, j, true);
                         }};
  LoadOptions options;
  options.missing = Missing::nan;
  options.mask = folder / "mask.mtx";
  const auto v = load<double>(world(), dense, options);
  Index marks = 0;
  for (Index i = 0; i < mask_rows; ++i) {
    for (Index j = 0; j < mask_columns; ++j) marks += is_marked(i, j) ? 1 : 0;
  }
  CHECK(v.summary().unknown == marks);
}

TEST_CASE("what is wrong with a mask, or with V where it is known, is said once", "[mask]") {
  const SharedFolder folder;
  const auto with = [](double value) {
    return numbers([value](Index i, Index j) { return i == 20 && j == 3 ? value : is_marked(i, j) ? 1.0 : 0.0; });
  };
  write_all(folder, "v", numbers([](Index i, Index j) { return i == 20 && j == 3 ? -7 : value_at(i, j, true); }));
  write_all(folder, "good", with(1));
  write_all(folder, "known", with(0));
  write_all(folder, "nan", with(std::nan("")));
  write_all(folder, "negative", with(-1));
  if (world().is_root())
    write_text(folder / "infinite.npy", npy_of(with(std::numeric_limits<double>::infinity())));
  write_all(folder, "all", Numbers(static_cast<std::size_t>(mask_rows * mask_columns), 1));
  LoadOptions options;
  options.missing = Missing::nan;
  for (const std::string v : {"v.npy", "v.csv", "v.csr"}) {
    for (const std::string mask : {".npy", v == "v.csr" ? ".csr" : ".mtx"}) {
      INFO(v << ", " << mask);
      const auto refused = [&](const std::string& name) {
        options.mask = folder / name + mask;
        return message_of([&] { load<double>(world(), folder / v, options); }, ExitCode::bad_data);
      };
      CHECK(refused("good").empty());
      CHECK_THAT(refused("known"), Catch::Contains("a negative entry -7 in row 20, column 3"));
      CHECK_THAT(refused("nan"), Catch::Contains("nan" + mask));
      CHECK_THAT(refused("negative"), Catch::Contains("negative" + mask));
      CHECK_THAT(refused("all"), Catch::Contains("none of its entries is known"));
    }
  }
  options.mask = folder / "infinite.npy";
  CHECK_THAT(message_of([&] { load<double>(world(), folder / "v.npy", options); }, ExitCode::bad_data),
             Catch::Contains("infinite.npy: inf in row 20, column 3"));
  options.mask = folder / "absent.npy";
  CHECK_THAT(message_of([&] { load<double>(world(), folder / "v.npy", options); }, ExitCode::system),
             Catch::Contains("absent.npy: there is no such file"));
  options.mask = "generate:lowrank:rows=67,columns=24,rank=1";
  CHECK_THAT(message_of([&] { load_header(world(), folder / "v.npy", options); }, ExitCode::bad_data),
             Catch::Contains("before rows and columns are chosen"));
  options.missing = Missing::none;
  CHECK_THAT(message_of([&] { load<double>(world(), folder / "v.npy", options); }, ExitCode::usage),
             Catch::Contains("Missing::nan"));
}
