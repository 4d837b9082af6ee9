// Products of a dense panel with the factors, from registers: V is streamed, a block of rows x packs of the
// result (or of W) stays in registers, and a block of columns of H (or of the sums) in the first-level cache.
#pragma once

#include "kernels/vector_kernels.hpp"
#include "pack.hpp"

namespace mpinmf {
namespace {

/// Columns of V between a load and a store of the accumulators: H's rows for them stay in the first-level cache.
constexpr Index block_columns = 128;

/// With more packs in a row the broadcast entries of V no longer pay.
constexpr int most_packs = registers == 32 ? 4 : 3;

/// Rows of accumulators that fit beside `packs` packs of H and one entry of V.
template <int packs>
constexpr int block_rows = (registers - packs - 1) / packs < 8 ? (registers - packs - 1) / packs : 8;

/// Calls f.template operator()<packs>(first column) until `columns` are covered, with nearly equal counts of
/// packs.
template <class T, class F>
inline void for_packs(Index columns, F&& f) {
  const Index all = packs_of<T>(columns);
  const Index blocks = (all + most_packs - 1) / most_packs;
  Index done = 0;
  for (Index b = 0; b < blocks; ++b) {
    const Index packs = (all - done + blocks - b - 1) / (blocks - b);
    const Index first = done * lanes<T>;
    if (packs == 1) f.template operator()<1>(first);
    if (packs == 2) f.template operator()<2>(first);
    if (packs == 3) f.template operator()<3>(first);
    if constexpr (most_packs > 3) {
      if (packs == 4) f.template operator()<4>(first);
    }
    done += packs;
  }
}

/// Calls f.template operator()<rows>(first row) until all are covered: blocks of `most` rows, then of 4, 2 and 1.
template <int most, class F>
inline void for_rows(Index rows, F&& f) {
  Index i = 0;
  for (; i + most <= rows; i += most) f.template operator()<most>(i);
  if constexpr (most > 4) {
    for (; i + 4 <= rows; i += 4) f.template operator()<4>(i);
  }
  for (; i + 2 <= rows; i += 2) f.template operator()<2>(i);
  for (; i < rows; ++i) f.template operator()<1>(i);
}

// c_rp (+)= sum_j a_rj b_jp for a block of rows x packs, held in registers over `inner` columns j
template <class T, int rows, int packs>
__attribute__((noinline)) void multiply_block(const T* a, Index stride_a, Block<const T> b, T* c, Index stride_c,
                                              bool add) {
  Pack<T> sums[rows][packs];
  for (int r = 0; r < rows; ++r) {
    for (int p = 0; p < packs; ++p) sums[r][p] = add ? load(c + r * stride_c + p * lanes<T>) : Pack<T>{};
  }
  for (Index j = 0; j < b.rows; ++j) {
    Pack<T> h[packs];
    for (int p = 0; p < packs; ++p) h[p] = load(b.data + j * b.stride + p * lanes<T>);
    for (int r = 0; r < rows; ++r) {
      const T v = a[r * stride_a + j];
      for (int p = 0; p < packs; ++p) sums[r][p] += v * h[p];
    }
  }
  for (int r = 0; r < rows; ++r) {
    for (int p = 0; p < packs; ++p) store(c + r * stride_c + p * lanes<T>, sums[r][p]);
  }
}

template <class T>
void multiply(Block<const T> a, Block<const T> b, Block<T> c, bool add) {
  Index first = 0;
  do {  // once also for no columns at all: c = 0
    const Index count = a.columns - first < block_columns ? a.columns - first : block_columns;
    for_packs<T>(c.columns, [&]<int packs>(Index column) {
      const Block<const T> h{b.data + first * b.stride + column, count, packs * lanes<T>, b.stride};
      for_rows<block_rows<packs>>(a.rows, [&]<int rows>(Index i) {
        multiply_block<T, rows, packs>(a.data + i * a.stride + first, a.stride, h, c.data + i * c.stride + column,
                                       c.stride, add || first > 0);
      });
    });
    first += block_columns;
  } while (first < a.columns);
}

// s_jp += sum_r a_rj w_rp for the rows j of s, w held in registers
template <class T, int rows, int packs>
__attribute__((noinline)) void add_transposed_block(const T* a, Index stride_a, const T* w, Index stride_w,
                                                    Block<T> s, Index ahead) {
  constexpr Index line = line_bytes / static_cast<Index>(sizeof(T));
  Pack<T> held[rows][packs];
  for (int r = 0; r < rows; ++r) {
    for (int p = 0; p < packs; ++p) held[r][p] = load(w + r * stride_w + p * lanes<T>);
  }
  const auto add_columns = [&](Index first, Index last) __attribute__((always_inline)) {
    for (Index j = first; j < last; ++j) {
      T* sum_row = s.data + j * s.stride;
      Pack<T> sums[packs];
      for (int p = 0; p < packs; ++p) sums[p] = load(sum_row + p * lanes<T>);
      for (int r = 0; r < rows; ++r) {
        const T v = a[r * stride_a + j];
        for (int p = 0; p < packs; ++p) sums[p] += v * held[r][p];
      }
      for (int p = 0; p < packs; ++p) store(sum_row + p * lanes<T>, sums[p]);
    }
  };
  Index done = 0;
  if (ahead != 0) {
    for (; done + line <= s.rows; done += line) {
      for (int r = 0; r < rows; ++r) fetch_far(address_at(a, r * stride_a + done + ahead));
      add_columns(done, done + line);
    }
  }
  add_columns(done, s.rows);
}

template <class T>
void multiply_transposed(Block<const T> a, Block<const T> b, Block<T> c, Index rows_ahead) {
  for (Index first = 0; first < a.columns; first += block_columns) {
    const Index count = a.columns - first < block_columns ? a.columns - first : block_columns;
    for_packs<T>(b.columns, [&]<int packs>(Index column) {
      const Block<T> sums{c.data + first * c.stride + column, count, packs * lanes<T>, c.stride};
      const Index ahead = column == 0 ? rows_ahead * a.stride : 0;  // V is fetched once, whatever k
      for_rows<block_rows<packs>>(a.rows, [&]<int rows>(Index i) {
        add_transposed_block<T, rows, packs>(a.data + i * a.stride + first, a.stride,
                                             b.data + i * b.stride + column, b.stride, sums, ahead);
      });
    });
  }
}

}  // namespace
}  // namespace mpinmf
