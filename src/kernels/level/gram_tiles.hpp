// Rows of a tile of a Gram matrix (kernels/row_grams.hpp): 8 numbers in one register, or in several smaller ones.
#pragma once

#include "kernels/row_grams.hpp"
#include "pack.hpp"

namespace mpinmf {
namespace {

// As packs are (pack.hpp), but of 8 numbers at most.
template <class T>
constexpr Index part_bytes = pack_bytes < gram_tile_side* static_cast<Index>(sizeof(T))
                                 ? pack_bytes
                                 : gram_tile_side* static_cast<Index>(sizeof(T));
using FloatPart __attribute__((vector_size(part_bytes<float>))) = float;
using DoublePart __attribute__((vector_size(part_bytes<double>))) = double;
using UnalignedFloatPart __attribute__((vector_size(part_bytes<float>), aligned(alignof(float)), may_alias)) =
    float;
using UnalignedDoublePart __attribute__((vector_size(part_bytes<double>), aligned(alignof(double)), may_alias)) =
    double;
template <class T>
struct PartOfTile;
template <>
struct PartOfTile<float> {
  using Vector = FloatPart;
  using Unaligned = UnalignedFloatPart;
};
template <>
struct PartOfTile<double> {
  using Vector = DoublePart;
  using Unaligned = UnalignedDoublePart;
};
template <class T>
using TilePart = typename PartOfTile<T>::Vector;

template <class T>
constexpr Index part_lanes = part_bytes<T> / static_cast<Index>(sizeof(T));
/// Parts of a row of a tile.
template <class T>
constexpr Index tile_parts = gram_tile_side / part_lanes<T>;
/// Rows of a tile whose sums stay in half of the smallest set of registers.
template <class T>
constexpr Index tile_rows_together = gram_tile_side / tile_parts<T>;

template <class T>
inline TilePart<T> load_part(const T* from) {
  return *reinterpret_cast<const typename PartOfTile<T>::Unaligned*>(from);
}
template <class T>
inline void store_part(T* to, TilePart<T> part) {
  *reinterpret_cast<typename PartOfTile<T>::Unaligned*>(to) = part;
}
template <class T>
inline T sum_of_part(TilePart<T> part) {
  return sum_by_halves<T, part_bytes<T>>(part);
}

/// f(p) for the place of each part within a row of a tile.
template <class T, class F>
inline void for_parts(F&& f) {
  for (Index p = 0; p < gram_tile_side; p += part_lanes<T>) f(p);
}

}  // namespace
}  // namespace mpinmf
