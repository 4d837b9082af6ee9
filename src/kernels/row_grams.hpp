// Gram matrices of their own for rows of a factor: G = sum_j q_j y_j y_j', symmetric, k x k. The lower triangle of
// tiles is stored, tile by tile: tile (a, b) with b <= a, 8 x 8, holds the components 8a .. 8a + 7 against 8b ..
// 8b
// + 7 and is the one numbered a (a + 1) / 2 + b. What lies beyond k is 0.
#pragma once

#include <cstdint>

namespace mpinmf {

constexpr std::int64_t gram_tile_side = 8;
constexpr std::int64_t gram_tile_numbers = gram_tile_side * gram_tile_side;

constexpr std::int64_t gram_tile(std::int64_t a, std::int64_t b) {
  return (a * (a + 1) / 2 + b) * gram_tile_numbers;
}
/// Tiles in a row or column of the whole matrix.
constexpr std::int64_t gram_tiles(std::int64_t components) {
  return (components + gram_tile_side - 1) / gram_tile_side;
}
/// Numbers of one.
constexpr std::int64_t row_gram_numbers(std::int64_t components) {
  return gram_tile(gram_tiles(components), 0);
}

}  // namespace mpinmf
