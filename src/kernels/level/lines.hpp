// Products of lines of counts (a row's entries in one block of columns) with the factors. The rows of H (or of the
// sums) that a block meets stay in the second-level cache while its lines pass, so that V is one stream.
#pragma once

#include "kernels/vector_kernels.hpp"
#include "pack.hpp"
#include "sparse.hpp"

namespace mpinmf {
namespace {

/// A block of more bytes does not stay there, and its rows are fetched ahead.
constexpr Index bytes_of_near_block = Index{1} << 20;
constexpr Index words_ahead = 16;

constexpr int word_place_bits = 16;

/// One word: a row of a factor, and a count.
template <class T>
struct CountEntry {
  Index row;
  T value;
};
template <class T>
inline CountEntry<T> entry_of(const CountLines<T>& v, std::uint32_t q) {
  const std::uint32_t word = v.words[q];
  return {static_cast<Index>(word & ((1U << word_place_bits) - 1)), v.values[word >> word_place_bits]};
}

/// Asks for the row of x that a word some places behind q names, up to the last word of all lines.
template <int packs, class T>
inline void fetch_word_ahead(const CountLines<T>& v, std::uint32_t q, std::uint32_t last, Block<const T> x) {
  if (q + words_ahead >= last) return;
  const T* row = x.data + entry_of(v, q + static_cast<std::uint32_t>(words_ahead)).row * x.stride;
  for (Index byte = 0; byte < packs * pack_bytes; byte += line_bytes) {
    fetch_near(address_at(row, byte / static_cast<Index>(sizeof(T))));
  }
}

// out_l (+)= sum_q v_q h_(row of q), in two chains of additions where registers allow
template <class T, int packs, bool fetches>
__attribute__((noinline)) void cross_packs(const CountLines<T> v, Block<const T> h, Block<T> out, bool add) {
  constexpr int chains = 2 * packs + 2 <= registers ? 2 : 1;
  std::uint32_t q = v.ends[0];
  const std::uint32_t last = v.ends[v.lines];
  for (Index l = 0; l < v.lines; ++l) {
    T* const to = out.data + l * out.stride;
    Pack<T> sums[chains][packs] = {};
    if (add) {
      for (int p = 0; p < packs; ++p) sums[0][p] = load(to + p * lanes<T>);
    }
    const auto add_entry = [&](Pack<T> * chain) __attribute__((always_inline)) {
      if constexpr (fetches) fetch_word_ahead<packs>(v, q, last, h);
      const CountEntry<T> entry = entry_of(v, q++);
      const T* from = h.data + entry.row * h.stride;
      for (int p = 0; p < packs; ++p) chain[p] += entry.value * load(from + p * lanes<T>);
    };
    const std::uint32_t end = v.ends[l + 1];
    while (q + chains <= end) {
      for (int c = 0; c < chains; ++c) add_entry(sums[c]);
    }
    if (q < end) add_entry(sums[0]);
    for (int p = 0; p < packs; ++p) {
      for (int c = 1; c < chains; ++c) sums[0][p] += sums[c][p];
      store(to + p * lanes<T>, sums[0][p]);
    }
  }
}

// s_(row of q) += v_q w_l. Lines by value: no store can change where they lie
template <class T, int packs, bool fetches>
__attribute__((noinline)) void accumulate_packs(const CountLines<T> v, Block<const T> w, Block<T> s) {
  std::uint32_t q = v.ends[0];
  const std::uint32_t last = v.ends[v.lines];
  for (Index l = 0; l < v.lines; ++l) {
    Pack<T> held[packs];
    for (int p = 0; p < packs; ++p) held[p] = load(w.data + l * w.stride + p * lanes<T>);
    for (const std::uint32_t end = v.ends[l + 1]; q < end; ++q) {
      if constexpr (fetches) fetch_word_ahead<packs, T>(v, q, last, {s.data, s.rows, s.columns, s.stride});
      const CountEntry<T> entry = entry_of(v, q);
      T* const to = s.data + entry.row * s.stride;
      for (int p = 0; p < packs; ++p) store(to + p * lanes<T>, load(to + p * lanes<T>) + entry.value * held[p]);
    }
  }
}

template <class T>
inline bool is_near(const Block<T>& x) {
  return x.rows * x.stride * static_cast<Index>(sizeof(T)) <= bytes_of_near_block;
}

template <class T>
void cross_lines(const CountLines<T>& v, Block<const T> ht, Block<T> out, bool add) {
  for_row_packs<T>(ht.columns, [&]<int packs>(Index first) {
    const auto products = is_near(ht) ? cross_packs<T, packs, false> : cross_packs<T, packs, true>;
    products(v, {ht.data + first, ht.rows, ht.columns, ht.stride},
             {out.data + first, out.rows, out.columns, out.stride}, add);
  });
}

template <class T>
void accumulate_lines(const CountLines<T>& v, Block<const T> w, Block<T> s) {
  for_row_packs<T>(w.columns, [&]<int packs>(Index first) {
    const auto products = is_near(s) ? accumulate_packs<T, packs, false> : accumulate_packs<T, packs, true>;
    products(v, {w.data + first, w.rows, w.columns, w.stride}, {s.data + first, s.rows, s.columns, s.stride});
  });
}

}  // namespace
}  // namespace mpinmf
