// A beta-divergence over the entries of V that are known, some entries of a row at a time: x = w_i h_j, the powers
// of x, and what these add up to, while the rows of H are in the first-level cache.
#pragma once

#include "sparse_quotients.hpp"

namespace mpinmf {
namespace {

/// Entries of a row that are worked on together: their rows of H fill a part of the second-level cache at most,
/// and what is kept of each fits the first-level one.
constexpr Index known_together = 256;

/// Two sums of a row stay in registers.
constexpr int most_pair_packs = most_row_packs / 2;

// (v - x)^2 / 2
struct FrobeniusTerm {
  static Doubles pack(Doubles v, Doubles x, Bits&) {
    const Doubles apart = v - x;
    return 0.5 * apart * apart;
  }
  static double one(double v, double x) { return 0.5 * (v - x) * (v - x); }
  static constexpr bool needs_positive_model = false;
};

/// x_q <- of_entries_q x_q
template <class T>
inline void count_often(T* x, const T* of_entries, Index count) {
  Index q = 0;
  for (; q + lanes<T> <= count; q += lanes<T>) store(x + q, load(x + q) * load(of_entries + q));
  for (; q < count; ++q) x[q] *= of_entries[q];
}

// weights <- v x^(beta-2), model <- x^(beta-1), each as many times as the entry counts
template <class T>
void observed_powers(double beta, const PoweredEntries<T>& entries, T largest, EntryCost* cost) {
  const T* const of_entries = entries.of_entries;
  T *const model = entries.model, *const weights = entries.weights;
  const auto numbers = static_cast<std::size_t>(entries.count) * sizeof(T);
  if (beta == 2) {
    if (cost != nullptr) add_cost(FrobeniusTerm{}, entries.v, model, entries.count, *cost, of_entries);
    __builtin_memcpy(weights, entries.v, numbers);
  } else if (beta == 1) {
    if (cost != nullptr) add_cost(KullbackLeiblerTerm{}, entries.v, model, entries.count, *cost, of_entries);
    __builtin_memcpy(weights, model, numbers);
    quotients<T>({entries.v, weights, nullptr, entries.count}, 0, largest, nullptr);
    for (Index q = 0; q < entries.count; ++q) model[q] = T(1);
  } else {
    powers<T>(beta, entries, largest, cost);
  }
  if (of_entries == nullptr) return;
  count_often(weights, of_entries, entries.count);
  count_often(model, of_entries, entries.count);
}

// x_q = w h_(column of q); `models` has room for a whole group more
template <class T, Index fixed>
__attribute__((noinline)) void model_entries(const SparseRow<T>& row, const T* w, Block<const T> ht, Index groups,
                                             T* models) {
  constexpr Index n = group_entries<T>;
  const RowModel<T, fixed> model(w, ht, groups);
  Index q = 0;
  for (; q + n <= row.count; q += n) {
    if (row.fetches && q + 2 * n <= row.columns_left) fetch_rows_of_h(row, model, q + n);
    store_group(models + q, model_of(model, row.columns + q));
  }
  if (q == row.count) return;
  std::int32_t columns[n];
  for (Index e = 0; e < n; ++e) columns[e] = row.columns[q + e < row.count ? q + e : q];
  store_group(models + q, model_of(model, columns));
}

template <class T>
void model_entries(const std::int32_t* columns, std::int64_t count, const T* w, Block<const T> ht, T* models) {
  const Index groups = (ht.columns + group_entries<T> - 1) / group_entries<T>;
  const SparseRow<T> row{columns, nullptr, count, count, false};
  call_with_groups(groups, [&]<Index fixed>() { model_entries<T, fixed>(row, w, ht, groups, models); });
}

/// Some entries of a row and what powers of x make of them.
template <class T>
struct WeighedEntries {
  const SparseRow<T>& row;
  const T *weights, *powers;
};

// above = sum_q weights_q h_(column of q), below = sum_q powers_q h_(column of q); or these are added
template <class T, int packs>
__attribute__((noinline)) void cross_pair(const WeighedEntries<T>& entries, const T* h, Index stride, bool adds,
                                          T* above, T* below) {
  Pack<T> first[packs] = {}, second[packs] = {};
  for (int p = 0; adds && p < packs; ++p) {
    first[p] = load(above + p * lanes<T>);
    second[p] = load(below + p * lanes<T>);
  }
  for (Index q = 0; q < entries.row.count; ++q) {
    const T* const from = h + entries.row.columns[q] * stride;
    const T weight = entries.weights[q], power = entries.powers[q];
    for (int p = 0; p < packs; ++p) {
      const Pack<T> numbers = load(from + p * lanes<T>);
      first[p] += weight * numbers;
      second[p] += power * numbers;
    }
  }
  for (int p = 0; p < packs; ++p) {
    store(above + p * lanes<T>, first[p]);
    store(below + p * lanes<T>, second[p]);
  }
}

// above_(column of q) += weights_q w, below_(column of q) += powers_q w
template <class T, int packs>
__attribute__((noinline)) void accumulate_pair(const WeighedEntries<T>& entries, const T* w, Index stride,
                                               T* above, T* below) {
  Pack<T> held[packs];
  for (int p = 0; p < packs; ++p) held[p] = load(w + p * lanes<T>);
  for (Index q = 0; q < entries.row.count; ++q) {
    if (entries.row.fetches) {
      fetch_row_ahead<packs>(entries.row, q, above, stride);
      fetch_row_ahead<packs>(entries.row, q, below, stride);
    }
    const Index place = entries.row.columns[q] * stride;
    const T weight = entries.weights[q], power = entries.powers[q];
    for (int p = 0; p < packs; ++p) {
      T *const to = above + place + p * lanes<T>, *const other = below + place + p * lanes<T>;
      store(to, load(to) + weight * held[p]);
      store(other, load(other) + power * held[p]);
    }
  }
}

/// use(entries, i, is_first) for all rows, some entries at a time, and at least once for each row; their cost is
/// added.
template <class T, class F>
inline void for_weighed_entries(const SparseRows<T>& v, const ObservedModel<T>& m, const RowCosts& cost, F&& use) {
  const Index groups = (m.w.columns + group_entries<T> - 1) / group_entries<T>;
  T models[known_together + group_entries<T>], weights[known_together];
  for (Index i = 0; i < v.rows; ++i) {
    const SparseRow<T> all = row_of(v, i, m.ht.rows * m.ht.stride);
    EntryCost sum{0, 0, 0};
    for (Index first = 0; first == 0 || first < all.count; first += known_together) {
      const Index left = all.count - first, count = left < known_together ? left : known_together;
      const SparseRow<T> row{all.columns + first, all.values + first, count, all.columns_left - first,
                             all.fetches};
      call_with_groups(groups, [&]<Index fixed>() {
        model_entries<T, fixed>(row, m.w.data + i * m.w.stride, m.ht, groups, models);
      });
      const T* const of_entries = v.weights == nullptr ? nullptr : v.weights + v.begins[i] + first;
      observed_powers<T>(m.beta, {row.values, models, weights, nullptr, count, of_entries}, m.largest,
                         cost.losses == nullptr ? nullptr : &sum);
      use(WeighedEntries<T>{row, weights, models}, i, first == 0);
    }
    if (cost.losses == nullptr) continue;
    cost.losses[i] += sum.loss;
    *cost.zero_models += sum.zero_models;
  }
}

template <class T>
void cross_observed(const SparseRows<T>& v, const ObservedModel<T>& m, const PowerBlocks<T>& out,
                    const RowCosts& cost) {
  for_weighed_entries(v, m, cost, [&](const WeighedEntries<T>& entries, Index i, bool is_first) {
    T *const above = out.numerator.data + i * out.numerator.stride, *const below = out.denominator.data +
                                                                                   i * out.denominator.stride;
    for_row_packs<T, most_pair_packs>(m.ht.columns, [&]<int packs>(Index c) {
      cross_pair<T, packs>(entries, m.ht.data + c, m.ht.stride, !is_first, above + c, below + c);
    });
  });
}

template <class T>
void accumulate_observed(const SparseRows<T>& v, const ObservedModel<T>& m, const PowerBlocks<T>& s,
                         const RowCosts& cost) {
  for_weighed_entries(v, m, cost, [&](const WeighedEntries<T>& entries, Index i, bool) {
    for_row_packs<T>(m.w.columns, [&]<int packs>(Index c) {
      accumulate_pair<T, packs>(entries, m.w.data + i * m.w.stride + c, s.numerator.stride, s.numerator.data + c,
                                s.denominator.data + c);
    });
  });
}

}  // namespace
}  // namespace mpinmf
