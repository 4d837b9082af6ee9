// Gram matrices of rows, in tiles (kernels/row_grams.hpp): those of rows of V from the rows of H that their
// entries meet, and what rows of W add to those of features.
#pragma once

#include "gram_tiles.hpp"
#include "observed.hpp"

namespace mpinmf {
namespace {

/// Some entries of a row and how often they count; null: once.
template <class T>
struct CountedEntries {
  const std::int32_t* columns;
  const T* weights;
  Index count;
};

// tile_r <- sum_q weights_q a_(column of q, r) b_(column of q) for some rows r of a tile; or this is added
template <class T>
__attribute__((noinline)) void gather_tile_rows(const CountedEntries<T>& entries, const T* a, const T* b,
                                                Index stride, bool adds, T* tile) {
  constexpr Index parts = tile_parts<T>, rows = tile_rows_together<T>, lanes = part_lanes<T>;
  TilePart<T> sums[rows][parts] = {};
  for (Index q = 0; q < entries.count; ++q) {
    const T *const of_rows = a + entries.columns[q] * stride, *const from = b + entries.columns[q] * stride;
    const T weight = entries.weights == nullptr ? T(1) : entries.weights[q];
    TilePart<T> counted[parts];
    for (Index p = 0; p < parts; ++p) counted[p] = weight * load_part(from + p * lanes);
    for (Index r = 0; r < rows; ++r) {
      for (Index p = 0; p < parts; ++p) sums[r][p] += of_rows[r] * counted[p];
    }
  }
  for (Index r = 0; r < rows; ++r) {
    for (Index p = 0; p < parts; ++p) {
      T* const to = tile + r * gram_tile_side + p * lanes;
      store_part(to, adds ? load_part(to) + sums[r][p] : sums[r][p]);
    }
  }
}

// gram <- sum_q weights_q x x' in tiles, x = (column of q) of `from`; or this is added
template <class T>
inline void gather_gram(const CountedEntries<T>& entries, Block<const T> from, bool adds, T* gram) {
  for (Index a = 0; a < gram_tiles(from.columns); ++a) {
    for (Index b = 0; b <= a; ++b) {
      for (Index r = 0; r < gram_tile_side; r += tile_rows_together<T>) {
        gather_tile_rows<T>(entries, from.data + a * gram_tile_side + r, from.data + b * gram_tile_side,
                            from.stride, adds, gram + gram_tile(a, b) + r * gram_tile_side);
      }
    }
  }
}

template <class T>
void cross_grams(const SparseRows<T>& v, Block<const T> ht, Block<T> grams) {
  for (Index i = 0; i < v.rows; ++i) {
    const Index entries = v.ends[i] - v.begins[i];
    for (Index first = 0; first == 0 || first < entries; first += known_together) {
      const Index left = entries - first, from = v.begins[i] + first;
      gather_gram<T>({v.columns + from, v.weights == nullptr ? nullptr : v.weights + from,
                      left < known_together ? left : known_together},
                     ht, first > 0, grams.data + i * grams.stride);
    }
  }
}

// The rows are read some columns at a time, so that what belongs to a column comes together, and its sums are read
// and written once.
template <class T>
void accumulate_grams(const SparseRows<T>& v, Block<const T> w, Block<T> grams, const EntriesOfColumns<T>& room) {
  for (Index i = 0; i < v.rows; ++i) room.next[i] = v.begins[i];
  for (Index first = 0; first < grams.rows; first += gram_columns) {
    Index counts[gram_columns] = {};
    for (Index i = 0; i < v.rows; ++i) {
      Index q = room.next[i];
      for (; q < v.ends[i] && v.columns[q] < first + gram_columns; ++q) {
        const Index column = v.columns[q] - first, place = column * v.rows + counts[column]++;
        room.rows[place] = static_cast<std::int32_t>(i);
        room.weights[place] = v.weights == nullptr ? T(1) : v.weights[q];
      }
      room.next[i] = q;
    }
    for (Index column = 0; column < gram_columns; ++column) {
      if (counts[column] == 0) continue;
      gather_gram<T>({room.rows + column * v.rows, room.weights + column * v.rows, counts[column]}, w, true,
                     grams.data + (first + column) * grams.stride);
    }
  }
}

// gram <- x x'
template <class T>
inline void outer_product(const T* x, Index tiles, T* gram) {
  for (Index a = 0; a < tiles; ++a) {
    for (Index b = 0; b <= a; ++b) {
      T* const tile = gram + gram_tile(a, b);
      for (Index r = 0; r < gram_tile_side; ++r) {
        const T factor = x[a * gram_tile_side + r];
        for_parts<T>([&](Index p) {
          store_part(tile + r * gram_tile_side + p, factor * load_part(x + b * gram_tile_side + p));
        });
      }
    }
  }
}

template <class T>
void outer_products(Block<const T> x, Block<T> grams) {
  for (Index i = 0; i < x.rows; ++i) {
    outer_product(x.data + i * x.stride, gram_tiles(x.columns), grams.data + i * grams.stride);
  }
}

}  // namespace
}  // namespace mpinmf
