// Products of the stored entries of some rows with the factors: a row's accumulators (or its row of W) stay in
// registers while the rows of H (or of the sums) that it names are fetched ahead.
#pragma once

#include "kernels/vector_kernels.hpp"
#include "pack.hpp"

namespace mpinmf {
namespace {

/// The functions of one row are not inlined: each is compiled once, and a call a row costs little.

/// Packs of one row that stay in registers, beside the row that is read.
constexpr int most_row_packs = registers == 32 ? 14 : 10;

/// Lines of memory that are on their way at any time.
constexpr Index lines_ahead = 32;

/// A factor of fewer bytes stays in the second-level cache, from where fetching ahead costs more than it saves.
constexpr Index bytes_to_fetch_ahead = Index{256} * 1024;

template <class T, int most, class F>
inline void call_with_packs(Index packs, Index first, F&& f) {
  if constexpr (most > 0) {
    if (packs == most) {
      f.template operator()<most>(first);
    } else {
      call_with_packs<T, most - 1>(packs, first, f);
    }
  }
}
/// Calls f.template operator()<packs>(first column) until `columns` are covered, with nearly equal counts of
/// packs.
template <class T, int most = most_row_packs, class F>
inline void for_row_packs(Index columns, F&& f) {
  const Index all = packs_of<T>(columns);
  const Index blocks = (all + most - 1) / most;
  Index done = 0;
  for (Index b = 0; b < blocks; ++b) {
    const Index packs = (all - done + blocks - b - 1) / (blocks - b);
    call_with_packs<T, most>(packs, done * lanes<T>, f);
    done += packs;
  }
}

/// The entries of one row, and where the columns of all rows end (those ahead are looked at, no further).
template <class T>
struct SparseRow {
  const std::int32_t* columns;
  const T* values;
  Index count, columns_left;
  bool fetches;  ///< ahead
};

template <class T>
inline SparseRow<T> row_of(const SparseRows<T>& v, Index i, Index factor_numbers) {
  const Index begin = v.begins[i];
  return {v.columns + begin, v.values + begin, v.ends[i] - begin, v.ends[v.rows - 1] - begin,
          factor_numbers * static_cast<Index>(sizeof(T)) > bytes_to_fetch_ahead};
}

/// Asks for the packs of the row of `block` that some entries later will need.
template <int packs, class T>
inline void fetch_row_ahead(const SparseRow<T>& row, Index q, const T* block, Index stride) {
  constexpr Index lines = (packs * pack_bytes + line_bytes - 1) / line_bytes;
  constexpr Index entries = lines_ahead / lines > 2 ? lines_ahead / lines : 2;
  const Index later = q + entries < row.columns_left ? q + entries : q;
  const T* next = block + row.columns[later] * stride;
  for (Index l = 0; l < lines; ++l) fetch_near(address_at(next, l * line_bytes / static_cast<Index>(sizeof(T))));
}

/// Calls add(q) for the entries of a row, with the rows of `block` that they name fetched ahead. Always inlined:
/// what add holds is in registers.
template <int packs, class T, class F>
__attribute__((always_inline)) inline void for_entries(const SparseRow<T>& row, const T* block, Index stride,
                                                       F&& add) {
  if (row.fetches) {
    for (Index q = 0; q < row.count; ++q) {
      fetch_row_ahead<packs>(row, q, block, stride);
      add(q);
    }
  } else {
    for (Index q = 0; q < row.count; ++q) add(q);
  }
}

// out_i = sum_q values_q h_(column of q)
template <class T, int packs>
__attribute__((noinline)) void cross_row(const SparseRow<T>& row, const T* h, Index stride, T* out) {
  Pack<T> sums[packs] = {};
  for_entries<packs>(
      row, h, stride, [&](Index q) __attribute__((always_inline)) {
        const T* from = h + row.columns[q] * stride;
        const T v = row.values[q];
        for (int p = 0; p < packs; ++p) sums[p] += v * load(from + p * lanes<T>);
      });
  for (int p = 0; p < packs; ++p) store(out + p * lanes<T>, sums[p]);
}

// s_(column of q) += values_q w_i
template <class T, int packs>
__attribute__((noinline)) void accumulate_row(const SparseRow<T>& row, const T* w, T* s, Index stride) {
  Pack<T> held[packs];
  for (int p = 0; p < packs; ++p) held[p] = load(w + p * lanes<T>);
  for_entries<packs>(
      row, static_cast<const T*>(s), stride, [&](Index q) __attribute__((always_inline)) {
        T* to = s + row.columns[q] * stride;
        const T v = row.values[q];
        for (int p = 0; p < packs; ++p) store(to + p * lanes<T>, load(to + p * lanes<T>) + v * held[p]);
      });
}

template <class T>
void cross(const SparseRows<T>& v, Block<const T> ht, Block<T> out) {
  for (Index i = 0; i < v.rows; ++i) {
    const SparseRow<T> row = row_of(v, i, ht.rows * ht.stride);
    for_row_packs<T>(ht.columns, [&]<int packs>(Index first) {
      cross_row<T, packs>(row, ht.data + first, ht.stride, out.data + i * out.stride + first);
    });
  }
}

template <class T>
void accumulate(const SparseRows<T>& v, Block<const T> w, Block<T> s) {
  for (Index i = 0; i < v.rows; ++i) {
    const SparseRow<T> row = row_of(v, i, s.rows * s.stride);
    for_row_packs<T>(w.columns, [&]<int packs>(Index first) {
      accumulate_row<T, packs>(row, w.data + i * w.stride + first, s.data + first, s.stride);
    });
  }
}

}  // namespace
}  // namespace mpinmf
