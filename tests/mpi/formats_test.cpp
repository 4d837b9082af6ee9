// Formats of other programs on several ranks: the same bits of V as from a Matrix Market file or a table.
#include <fmt/format.h>

#include <cmath>
#include <filesystem>

#include "bits.hpp"
#include "catch.hpp"
#include "files.hpp"
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
