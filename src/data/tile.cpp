#include "tile.hpp"

#include <algorithm>

#include "kernels/row_grams.hpp"
#include "machine/cache_sizes.hpp"

namespace mpinmf {
namespace {

// Fewer rows would fetch H and the sums too often, more would not fetch them less.
constexpr Index least_tile_rows = 16, most_tile_rows = 64;
constexpr Index kib = 1024;
// Where what belongs to a column shall come together: Gram matrices of the rows of a tile take so many bytes at
// most. Measured for 6,040 x 3,706 with a million entries, k = 20: 512 rows take 0.7 of the cycles of 64.
constexpr Index most_gram_bytes = 4096 * kib, most_rows_together = 512;

/// Measured with a cache of 2 MiB, in AVX-512, for 2,000 columns: with k = 20, where H and the sums take a quarter
/// or three eighths of it, tiles of 256 KiB take 0.75 of the time of 512 KiB (Kullback-Leibler 0.88); with k =
/// 100, where they fill it, those of 1 MiB take 0.94 of the time of 512 KiB, those of 256 KiB 1.13.
Index tile_bytes(double factor_bytes, Index cache_bytes) {
  return factor_bytes <= static_cast<double>(cache_bytes) / 2 ? std::max(256 * kib, cache_bytes / 8)
                                                              : std::max(512 * kib, cache_bytes / 2);
}

}  // namespace

template <class T>
Index tile_rows_for(const TileShape& shape, Index cache_bytes) {
  if (shape.layout == Layout::blocks) return DataMatrix<T>::tile_rows_of_blocks(shape.columns);
  if (shape.layout == Layout::many_rows && shape.is_sparse) {
    const Index of_row = row_gram_numbers(shape.components) * Index{sizeof(T)};
    return std::clamp(most_gram_bytes / of_row, most_tile_rows, most_rows_together);
  }
  if (shape.is_sparse) return most_tile_rows;
  const Index bytes = tile_bytes(2 * padded_bytes<T>(shape.columns, shape.components), cache_bytes);
  const Index rows = bytes / (shape.columns * Index{sizeof(T)});
  return std::clamp(rows / least_tile_rows * least_tile_rows, least_tile_rows, most_tile_rows);
}

template <class T>
Index tile_rows(const TileShape& shape) {
  return tile_rows_for<T>(shape, machine::cache_sizes().second_level);
}

template Index tile_rows_for<float>(const TileShape&, Index);
template Index tile_rows_for<double>(const TileShape&, Index);
template Index tile_rows<float>(const TileShape&);
template Index tile_rows<double>(const TileShape&);

}  // namespace mpinmf
