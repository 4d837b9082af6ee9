// Rounds of a least-squares rule over rows x of a factor: numerator b, Gram matrix G, x G ~ b. Rows are
// independent, so a pack holds one component of several rows, and each row stops by itself: the result of a row
// does not depend on its neighbours.
#pragma once

#include "kernels/vector_kernels.hpp"
#include "pack.hpp"

namespace mpinmf::MPINMF_LEVEL {
struct Level;
}

namespace mpinmf {
namespace {

/// Rows that move together: two lines of memory for each component, enough independent sums to hide the latency of
/// a multiplication.
template <class T>
constexpr Index rows_together = 2 * line_bytes / static_cast<Index>(sizeof(T));
template <class T>
constexpr Index packs_together = rows_together<T> / lanes<T>;

/// One component of the rows that move together.
template <class T>
struct Packs {
  Pack<T> packs[packs_together<T>] = {};
  Pack<T>& operator[](Index p) { return packs[p]; }
};

/// to[c][row] = from[row][c] for at most rows_together rows; 0 where there is no row.
template <class T>
inline void transpose_in(Block<const T> from, Index first, Index count, T* to) {
  for (Index c = 0; c < from.columns; ++c) {
    for (Index r = count; r < rows_together<T>; ++r) to[c * rows_together<T> + r] = 0;
  }
  for (Index r = 0; r < count; ++r) {
    const T* row = from.data + (first + r) * from.stride;
    for (Index c = 0; c < from.columns; ++c) to[c * rows_together<T> + r] = row[c];
  }
}

template <class T>
inline void transpose_out(const T* from, Index first, Index count, Block<T> to) {
  for (Index r = 0; r < count; ++r) {
    T* row = to.data + (first + r) * to.stride;
    for (Index c = 0; c < to.columns; ++c) row[c] = from[c * rows_together<T> + r];
  }
}

/// sums = sum_j x_j G_cj over all components j
template <class T>
inline void multiply_by_row(const T* x, const T* gram_row, Index k, Packs<T>& sums) {
  Packs<T> even, odd;
  Index j = 0;
  for (; j + 1 < k; j += 2) {
    const T* one = x + j * rows_together<T>;
    for (Index p = 0; p < packs_together<T>; ++p) {
      even[p] += load(one + p * lanes<T>) * gram_row[j];
      odd[p] += load(one + rows_together<T> + p * lanes<T>) * gram_row[j + 1];
    }
  }
  if (j < k) {
    for (Index p = 0; p < packs_together<T>; ++p)
      even[p] += load(x + j * rows_together<T> + p * lanes<T>) * gram_row[j];
  }
  for (Index p = 0; p < packs_together<T>; ++p) sums[p] = even[p] + odd[p];
}

/// Components whose products with G are summed together: each number of x is loaded once for all of them.
template <class T>
constexpr Index components_together = packs_together<T> * 8 <= registers   ? 4
                                      : packs_together<T> * 4 <= registers ? 2
                                                                           : 1;

/// sums[d] = sum_j x_j G_(c+d)j over all components j, for some components from c on
template <Index count, class T>
inline void multiply_by_rows(const T* x, Block<const T> gram, Index c, Packs<T>* sums) {
  const T* rows = gram.data + c * gram.stride;
  Packs<T> own[count];
  for (Index j = 0; j < gram.rows; ++j) {
    for (Index p = 0; p < packs_together<T>; ++p) {
      const Pack<T> one = load(x + j * rows_together<T> + p * lanes<T>);
      for (Index d = 0; d < count; ++d) own[d][p] += one * rows[d * gram.stride + j];
    }
  }
  for (Index d = 0; d < count; ++d) sums[d] = own[d];
}

/// f(c, sum_j x_j G_cj) for all components c. f leaves x as it is.
template <class T, class F>
inline void for_products(const T* x, Block<const T> gram, F&& f) {
  constexpr Index together = components_together<T>;
  Packs<T> sums[together];
  Index c = 0;
  for (; c + together <= gram.rows; c += together) {
    multiply_by_rows<together>(x, gram, c, sums);
    for (Index d = 0; d < together; ++d) f(c + d, sums[d]);
  }
  for (; c < gram.rows; ++c) {
    multiply_by_row(x, gram.data + c * gram.stride, gram.rows, sums[0]);
    f(c, sums[0]);
  }
}

/// max(0, x), but NaN stays: an overflow must be seen.
template <class T>
inline T positive_part(T x) {
  return x <= T{} ? T{} : x;
}

/// What is true of each of the rows that move together.
template <class T>
struct RowMasks {
  using Mask = decltype(Pack<T>{} == Pack<T>{});
  Mask masks[packs_together<T>] = {};
  Mask& operator[](Index p) { return masks[p]; }
  bool any() const {
    bool result = false;
    for (const Mask& mask : masks) {
      for (Index l = 0; l < lanes<T>; ++l) result = result || mask[l] != 0;
    }
    return result;
  }
};

/// Which rows still move: all until their first round is known, then those that moved by more than a share of it.
template <class T>
class MovingRows {
 public:
  explicit MovingRows(const RoundSettings<T>& settings) : settings_(settings) {
    for (Index p = 0; p < packs_together<T>; ++p) moving_[p] = Pack<T>{} == Pack<T>{};
  }

  /// The new value, unless its row has stopped.
  Pack<T> choose(Index p, Pack<T> old, Pack<T> now) { return moving_[p] ? now : old; }
  /// Where x goes: to its goal, unless its row has stopped. The steps are counted.
  Pack<T> step(Index p, Pack<T> x, Pack<T> goal) {
    const Pack<T> moved = choose(p, x, goal), taken = moved - x;
    squares_[p] += taken * taken;
    return moved;
  }
  /// After a round: whether any row moves on.
  bool go_on() {
    RowMasks<T> goes_on;
    for (Index p = 0; p < packs_together<T>; ++p) {
      if (rounds_ == 0) first_[p] = squares_[p];
      goes_on[p] = squares_[p] > first_[p] * settings_.least_share;
      squares_[p] = Pack<T>{};
    }
    return go_on(goes_on);
  }
  /// The same by another measure than the steps.
  bool go_on(RowMasks<T>& goes_on) {
    for (Index p = 0; p < packs_together<T>; ++p) moving_[p] &= goes_on[p];
    return ++rounds_ < settings_.most_rounds && moving_.any();
  }

 private:
  const RoundSettings<T>& settings_;
  RowMasks<T> moving_;
  Packs<T> squares_, first_;
  Index rounds_ = 0;
};

}  // namespace
}  // namespace mpinmf
