// Cyclic coordinate descent over rows that have Gram matrices of their own (rules/hals.cpp). A row moves alone:
// its matrix is read once a round, in tiles (kernels/row_grams.hpp).
#include "gram_tiles.hpp"
#include "rounds.hpp"

namespace mpinmf {
namespace {

/// A row, its numerator and its Gram matrix.
template <class T>
struct RowWithGram {
  T* x;
  const T *b, *gram;
  Index components;
};

/// What a round found: the squared length of its steps, and |projected gradient| summed up.
template <class T>
struct FoundInRound {
  T squares, violations;
};

// products_r = (x G)_(8a + r) for a row of tiles, but for what the tile on the diagonal adds
template <class T>
inline void products_beside_diagonal(const RowWithGram<T>& row, Index a, T* products) {
  TilePart<T> left[gram_tile_side] = {};  // row r of tile (a, b) times x_b, summed over b
  for (Index b = 0; b < a; ++b) {
    const T *const tile = row.gram + gram_tile(a, b), *const x = row.x + b * gram_tile_side;
    for (Index r = 0; r < gram_tile_side; ++r) {
      for_parts<T>([&](Index p) { left[r] += load_part(tile + r * gram_tile_side + p) * load_part(x + p); });
    }
  }
  for (Index r = 0; r < gram_tile_side; ++r) products[r] = sum_of_part<T>(left[r]);
  for (Index b = a + 1; b < gram_tiles(row.components); ++b) {  // tile (b, a), transposed
    const T *const tile = row.gram + gram_tile(b, a), *const x = row.x + b * gram_tile_side;
    for_parts<T>([&](Index p) {
      TilePart<T> below = load_part(products + p);
      for (Index r = 0; r < gram_tile_side; ++r) below += x[r] * load_part(tile + r * gram_tile_side + p);
      store_part(products + p, below);
    });
  }
}

/// One round: x_c <- max(0, x_c - (x G - b)_c / G_cc). A component that no known entry meets goes to 0.
template <class T>
FoundInRound<T> round_of_row(const RowWithGram<T>& row, const RoundSettings<T>& settings) {
  FoundInRound<T> found{0, 0};
  T products[gram_tile_side];
  const Index *fixed = settings.fixed, *const fixed_end = settings.fixed + settings.fixed_count;
  for (Index a = 0; a < gram_tiles(row.components); ++a) {
    products_beside_diagonal(row, a, products);
    const T* const tile = row.gram + gram_tile(a, a);
    T* const x = row.x + a * gram_tile_side;
    for (Index r = 0; r < gram_tile_side && a * gram_tile_side + r < row.components; ++r) {
      const Index c = a * gram_tile_side + r;
      if (fixed != fixed_end && *fixed == c) {
        ++fixed;
        continue;
      }
      TilePart<T> within{};
      for_parts<T>([&](Index p) { within += load_part(tile + r * gram_tile_side + p) * load_part(x + p); });
      const T old = x[r], curvature = tile[r * gram_tile_side + r] + settings.l2;
      const T slope = products[r] + sum_of_part<T>(within) + settings.l2 * old - (row.b[c] - settings.l1);
      x[r] = curvature > 0 ? positive_part(old - slope / curvature) : T(0);
      found.squares += (x[r] - old) * (x[r] - old);
      const T inward = old == 0 && slope > 0 ? T(0) : slope;
      found.violations += inward < 0 ? -inward : inward;
    }
  }
  return found;
}

template <class T>
double row_gram_rounds(const RowsWithState<T>& rows, Block<const T> grams, const RoundSettings<T>& settings, T*) {
  double violation = 0;
  for (Index i = 0; i < rows.x.rows; ++i) {
    const RowWithGram<T> row{rows.x.data + i * rows.x.stride, rows.numerator.data + i * rows.numerator.stride,
                             grams.data + i * grams.stride, rows.x.columns};
    const FoundInRound<T> first = round_of_row(row, settings);
    violation += static_cast<double>(first.violations);
    T squares = first.squares;
    for (Index round = 1; round < settings.most_rounds && squares > first.squares * settings.least_share;
         ++round) {
      squares = round_of_row(row, settings).squares;
    }
  }
  return violation;
}

}  // namespace

template <class T>
RoundsKernel<T> rounds_of(RoundsFile<struct RowGramRounds, MPINMF_LEVEL::Level>) {
  return row_gram_rounds<T>;
}
template RoundsKernel<float> rounds_of(RoundsFile<struct RowGramRounds, MPINMF_LEVEL::Level>);
template RoundsKernel<double> rounds_of(RoundsFile<struct RowGramRounds, MPINMF_LEVEL::Level>);

}  // namespace mpinmf
