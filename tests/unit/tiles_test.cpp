// How many rows make a tile, and the caches that this follows from.
#include <algorithm>
#include <fstream>

#include "catch.hpp"
#include "data/tile.hpp"
#include "files.hpp"
#include "machine/cache_sizes.hpp"

using namespace mpinmf;

namespace {

constexpr Index kibibyte = 1024;

void write_cache(const std::filesystem::path& folder, int index, const std::string& type, int level,
                 const std::string& size) {
  const std::filesystem::path cache = folder / ("index" + std::to_string(index));
  std::filesystem::create_directories(cache);
  std::ofstream(cache / "type") << type << '\n';
  std::ofstream(cache / "level") << level << '\n';
  std::ofstream(cache / "size") << size << '\n';
}

}  // namespace

TEMPLATE_TEST_CASE("a tile leaves the cache to H and the sums, or takes half of it where they do not fit",
                   "[tiles]", float, double) {
  using T = TestType;
  for (const Index cache : {256 * kibibyte, 512 * kibibyte, 1024 * kibibyte, 2048 * kibibyte, 8192 * kibibyte}) {
    for (const Index columns : {1, 17, 400, 2000, 20000, 3000000}) {
      for (const Index k : {1, 16, 20, 100, 500}) {
        INFO(cache << " bytes, " << columns << " columns, k = " << k);
        const Index rows = tile_rows_for<T>({columns, k, false}, cache);
        CHECK((rows >= 16 && rows <= 64 && rows % 16 == 0));
        const bool fits = 4 * padded_bytes<T>(columns, k) <= static_cast<double>(cache);
        const Index bytes = fits ? std::max(256 * kibibyte, cache / 8) : std::max(512 * kibibyte, cache / 2);
        const Index row_bytes = columns * Index{sizeof(T)};
        if (rows > 16) CHECK(rows * row_bytes <= bytes);
        if (rows < 64) CHECK((rows + 16) * row_bytes > bytes);
        CHECK(tile_rows_for<T>({columns, k, true}, cache) == 64);
      }
    }
  }
  CHECK(tile_rows_for<double>({2000, 20, false}, 2048 * kibibyte) == 16);
  CHECK(tile_rows_for<float>({2000, 20, false}, 2048 * kibibyte) == 32);
  CHECK(tile_rows_for<double>({2000, 20, false}, 1024 * kibibyte) == 32);
  CHECK(tile_rows_for<double>({2000, 100, false}, 2048 * kibibyte) == 64);
}

TEST_CASE("caches are read as Linux tells them", "[tiles]") {
  const TemporaryFolder folder;
  const std::filesystem::path caches = folder.path();
  CHECK(machine::cache_sizes_in(caches).second_level == 1024 * kibibyte);
  CHECK(machine::cache_sizes_in(caches).last == 32 * 1024 * kibibyte);
  write_cache(caches, 0, "Data", 1, "48K");
  write_cache(caches, 1, "Instruction", 1, "64K");
  write_cache(caches, 2, "Unified", 2, "2048K");
  CHECK(machine::cache_sizes_in(caches).second_level == 2048 * kibibyte);
  CHECK(machine::cache_sizes_in(caches).last == 2048 * kibibyte);
  write_cache(caches, 3, "Unified", 3, "491520K");
  CHECK(machine::cache_sizes_in(caches).second_level == 2048 * kibibyte);
  CHECK(machine::cache_sizes_in(caches).last == 491520 * kibibyte);
}
