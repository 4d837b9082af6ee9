// Formats of other programs on several ranks: the same bits of V as from a Matrix Market file or a table.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "bits.hpp"
#include "catch.hpp"
#include "contains.hpp"
#include "files.hpp"
#include "gzip_files.hpp"
#include "mat_files.hpp"
#include "shared_folder.hpp"

using namespace mpinmf;

namespace {

/// m x n, of which about a quarter is not 0; some rows are empty.
struct SparseExample {
  Index rows, columns;

  bool has(Index i, Index j) const { return i % 7 != 3 && (5 * i + 11 * j + i * j) % 4 == 0; }
  double at(Index i, Index j) const { return has(i, j) ? std::sqrt(static_cast<double>(1 + 3 * i + 7 * j)) : 0; }
};
constexpr SparseExample example_shapes[] = {{101, 37}, {7, 3}};

/// As Matrix Market; of the transposed matrix, if asked for. The columns come first.
std::string market_text(const SparseExample& v, bool turned) {
  std::string lines;
  Index entries = 0;
  for (Index j = 0; j < v.columns; ++j) {
    for (Index i = v.rows - 1; i >= 0; --i) {
      if (!v.has(i, j)) continue;
      lines += fmt::format("{} {} {}\n", (turned ? j : i) + 1, (turned ? i : j) + 1, v.at(i, j));
      ++entries;
    }
  }
  return fmt::format("%%MatrixMarket matrix coordinate real general\n{} {} {}\n{}", turned ? v.columns : v.rows,
                     turned ? v.rows : v.columns, entries, lines);
}

/// As many lines.
std::string numbered_names(Index count, const std::string& behind) {
  std::string text;
  for (Index i = 0; i < count; ++i) text += fmt::format("name {}{}\n", i, behind);
  return text;
}

/// Lines of LIBSVM.
std::string libsvm_text(const SparseExample& v, int first_index) {
  std::string lines;
  for (Index i = 0; i < v.rows; ++i) {
    lines += fmt::format("{}", i % 3 - 1);
    for (Index j = 0; j < v.columns; ++j) {
      if (v.has(i, j)) lines += fmt::format(" {}:{}", j + first_index, v.at(i, j));
    }
    lines += i % 10 == 9 ? " # ten\n" : "\n";
  }
  return lines;
}

void check_bits_of_format(const std::string& path, const Bits& reference, const LoadOptions& options = {}) {
  INFO(path << " on rank " << world().rank());
  CHECK((Bits(path, options) == reference));
}

}  // namespace

TEST_CASE("a 10x folder gives the same bits of V as its matrix, with all features or some", "[formats]") {
  for (const SparseExample& v : example_shapes) {
    SharedFolder folder;
    if (world().is_root()) {
      write_text(folder / "v.mtx", market_text(v, false));
      write_text(folder / "some.mtx", market_text({v.rows, v.columns - 2}, false));
      std::filesystem::create_directory(folder / "v");
      write_text(folder / "v/matrix.mtx", market_text(v, true));
      write_text(folder / "v/barcodes.tsv", numbered_names(v.rows, ""));
      write_text(folder / "v/features.tsv",
                 numbered_names(v.columns - 2, "\tA\tGene Expression") + numbered_names(2, "\tB\tOther"));
    }
    world().wait_for_all();
    check_bits_of_format(folder / "v", Bits(folder / "v.mtx"));
    LoadOptions options;
    options.file.feature_type = "Gene Expression";
    check_bits_of_format(folder / "v", Bits(folder / "some.mtx"), options);
  }
}

TEST_CASE("text of LIBSVM and of UCI's bags of words gives the same bits of V as Matrix Market", "[formats]") {
  for (const SparseExample& v : example_shapes) {
    SharedFolder folder;
    if (world().is_root()) {
      const std::string text = market_text(v, false);
      write_text(folder / "v.mtx", text);
      const std::string lines = text.substr(text.find('\n') + 1), sizes = lines.substr(0, lines.find('\n'));
      std::string in_lines = sizes;
      std::replace(in_lines.begin(), in_lines.end(), ' ', '\n');
      write_text(folder / "docword.v.txt", in_lines + lines.substr(sizes.size()));
      for (const int first_index : {0, 1}) {
        const std::string rows = libsvm_text(v, first_index);
        write_text(folder / fmt::format("libsvm{}", first_index), rows);
        write_text(folder / fmt::format("blank{}", first_index), "# made here\n\n" + rows + "\n\n");
      }
    }
    world().wait_for_all();
    const Bits reference(folder / "v.mtx");
    for (const char* name : {"docword.v.txt", "libsvm0", "libsvm1", "blank0", "blank1"}) {
      check_bits_of_format(folder / name, reference);
    }
  }
}

TEST_CASE("text that is gzip'd, in blocks or not, gives the same bits of V as plain text", "[formats]") {
  for (const SparseExample& v : example_shapes) {
    SharedFolder folder;
    if (world().is_root()) {
      std::string table;
      for (Index i = 0; i < v.rows; ++i) {
        for (Index j = 0; j < v.columns; ++j)
          table += fmt::format("{}{}", v.at(i, j), j + 1 < v.columns ? ',' : '\n');
      }
      for (const auto& [name, text] : {std::pair("market", market_text(v, false)), std::pair("table", table),
                                       std::pair("libsvm", libsvm_text(v, 1))}) {
        write_text(folder / name, text);
        write_text(folder / fmt::format("{}.gz", name), gzipped(text));
        for (const std::size_t in_a_block : {30, 500, 65280})
          write_text(folder / fmt::format("{}.{}", name, in_a_block), blocked_gzip(text, in_a_block));
      }
    }
    world().wait_for_all();
    for (const std::string name : {"market", "table", "libsvm"}) {
      const Bits reference(folder / name);
      for (const char* ending : {".gz", ".30", ".500", ".65280"})
        check_bits_of_format(folder / (name + ending), reference);
    }
  }
}

TEST_CASE("symmetric Matrix Market files and arrays give the same bits of V as all entries listed", "[formats]") {
  constexpr Index n = 41;
  const auto has = [](Index i, Index j) { return (i * j + i + j) % 3 != 1; };
  const auto value = [](Index i, Index j) { return std::sqrt(static_cast<double>(1 + i * j + 7 * (i + j))); };
  SharedFolder folder;
  if (world().is_root()) {
    std::string all, lower, both, array, half;
    Index all_count = 0, lower_count = 0, both_count = 0;
    const auto list = [&](std::string& text, Index& count, Index i, Index j) {
      text += fmt::format("{} {} {}\n", i + 1, j + 1, value(i, j));
      ++count;
    };
    for (Index j = 0; j < n; ++j) {
      for (Index i = 0; i < n; ++i) {
        array += fmt::format("{}\n", has(i, j) ? value(i, j) : 0);
        if (i >= j) half += fmt::format("{}\n", has(i, j) ? value(i, j) : 0);
        if (!has(i, j)) continue;
        list(all, all_count, i, j);
        if (i >= j) list(lower, lower_count, i, j);
        if (i >= j || (i + j) % 5 == 0) list(both, both_count, i, j);
      }
    }
    const auto write = [&](const char* name, const char* kind, Index entries, const std::string& text) {
      const std::string sizes = entries > 0 ? fmt::format("{0} {0} {1}", n, entries) : fmt::format("{0} {0}", n);
      const std::string whole = fmt::format("%%MatrixMarket matrix {}\n{}\n{}", kind, sizes, text);
      write_text(folder / name, whole);
      write_text(folder / fmt::format("{}.gz", name), gzipped(whole));
      write_text(folder / fmt::format("{}.blocks", name), blocked_gzip(whole, 700));
    };
    write("all", "coordinate real general", all_count, all);
    write("lower", "coordinate real symmetric", lower_count, lower);
    write("both", "coordinate real symmetric", both_count, both);
    write("array", "array real general", 0, array);
    write("half", "array real symmetric", 0, half);
  }
  world().wait_for_all();
  for (const auto& [reference, names] :
       {std::pair<std::string, std::vector<std::string>>("all", {"lower", "both"}),
        std::pair<std::string, std::vector<std::string>>("array", {"half"})}) {
    const Bits expected(folder / reference);
    for (const std::string& name : names) {
      for (const char* ending : {"", ".gz", ".blocks"}) check_bits_of_format(folder / (name + ending), expected);
    }
    check_bits_of_format(folder / (reference + ".blocks"), expected);
  }
  LoadOptions turned;
  turned.transpose = true;
  check_bits_of_format(folder / "lower", Bits(folder / "all"), turned);
  check_bits_of_format(folder / "half", Bits(folder / "array"), turned);
}

TEST_CASE("a damaged block is one message on every rank", "[formats]") {
  SharedFolder folder;
  if (world().is_root()) {
    std::string bytes = blocked_gzip(market_text(example_shapes[0], false), 500);
    bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 0x10);
    write_text(folder / "v", bytes);
  }
  world().wait_for_all();
  CHECK_THROWS_WITH(Bits(folder / "v"), Contains("the block at byte") && Contains("compress the file again"));
}

TEST_CASE("raw numbers give the same bits of V as a table", "[formats]") {
  for (const SparseExample& v : example_shapes) {
    SharedFolder folder;
    if (world().is_root()) {
      std::string table;
      std::vector<double> rows, columns;
      for (Index i = 0; i < v.rows; ++i) {
        for (Index j = 0; j < v.columns; ++j) {
          rows.push_back(v.at(i, j));
          table += fmt::format("{}{}", v.at(i, j), j + 1 < v.columns ? ',' : '\n');
        }
      }
      for (Index j = 0; j < v.columns; ++j) {
        for (Index i = 0; i < v.rows; ++i) columns.push_back(v.at(i, j));
      }
      const auto bytes = [](const std::vector<double>& values) {
        return std::string(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(double));
      };
      write_text(folder / "v.csv", table);
      write_text(folder / "rows", bytes(rows));
      write_text(folder / "columns", bytes(columns));
    }
    world().wait_for_all();
    const Bits reference(folder / "v.csv");
    for (const std::string layout : {"rows", "columns"}) {
      LoadOptions options;
      options.file = {.format = "raw",
                      .shape = fmt::format("{}x{}", v.rows, v.columns),
                      .element_type = "float64",
                      .layout = layout};
      check_bits_of_format(folder / layout, reference, options);
    }
  }
}

TEST_CASE("MATLAB's matrices give the same bits of V as a table and Matrix Market", "[formats]") {
  for (const SparseExample& v : example_shapes) {
    SharedFolder folder;
    if (world().is_root()) {
      std::vector<std::int32_t> rows, offsets{0};
      std::vector<double> full, stored;
      for (Index j = 0; j < v.columns; ++j) {
        for (Index i = 0; i < v.rows; ++i) {
          full.push_back(v.at(i, j));
          if (!v.has(i, j)) continue;
          rows.push_back(static_cast<std::int32_t>(i));
          stored.push_back(v.at(i, j));
        }
        offsets.push_back(static_cast<std::int32_t>(rows.size()));
      }
      const std::vector<std::int32_t> shape = {static_cast<std::int32_t>(v.rows),
                                               static_cast<std::int32_t>(v.columns)};
      for (const bool packed : {false, true}) {
        MatWriter file;
        if (packed) file.compress();
        file.full("V", shape, full, 9);
        file.sparse("S", shape, rows, offsets, stored, 9);
        write_text(folder / fmt::format("v{:d}.mat", packed), file.bytes());
      }
      std::string table;
      for (Index i = 0; i < v.rows; ++i) {
        for (Index j = 0; j < v.columns; ++j)
          table += fmt::format("{}{}", v.at(i, j), j + 1 < v.columns ? ',' : '\n');
      }
      write_text(folder / "v.csv", table);
      write_text(folder / "v.mtx", market_text(v, false));
    }
    world().wait_for_all();
    const Bits full(folder / "v.csv"), sparse(folder / "v.mtx");
    for (const std::string file : {"v0.mat", "v1.mat"}) {
      check_bits_of_format(folder / file + ":/V", full);
      check_bits_of_format(folder / file + ":/S", sparse);
    }
  }
}

TEST_CASE("a folder of images gives the same bits of V as a table", "[formats]") {
  constexpr int images = 37, width = 5, height = 3;
  SharedFolder folder;
  if (world().is_root()) {
    std::filesystem::create_directory(folder / "faces");
    std::string table;
    for (int i = 0; i < images; ++i) {
      std::string pixels;
      for (int j = 0; j < width * height; ++j) {
        const int value = (i * i + 7 * j) % 256;
        pixels += static_cast<char>(value);
        table += fmt::format("{}{}", value, j + 1 < width * height ? ',' : '\n');
      }
      write_text(folder / fmt::format("faces/{:03}.pgm", i),
                 fmt::format("P5 {} {} 255\n{}", width, height, pixels));
    }
    write_text(folder / "v.csv", table);
  }
  world().wait_for_all();
  check_bits_of_format(folder / "faces", Bits(folder / "v.csv"));
}
