// Kullback-Leibler on the stored entries of some rows, a group of entries at a time: their dot products w_i h_j
// are summed in one tree of shuffles and adds, divided in the same register, and used while the rows of H are in
// the first-level cache.
#pragma once

#include <utility>

#include "quotients.hpp"
#include "sparse.hpp"

namespace mpinmf {
namespace {

/// Entries of a group. With more than eight the rest of a row, which is worked on as a whole group, weighs more.
template <class T>
constexpr Index group_entries = lanes<T> < 8 ? lanes<T> : 8;
template <class T>
constexpr Index group_bytes = group_entries<T>* static_cast<Index>(sizeof(T));

/// A vector of as many numbers, anywhere in memory (see pack.hpp for why these are no templates).
using UnalignedFloatGroup __attribute__((vector_size(group_bytes<float>), aligned(alignof(float)), may_alias)) =
    float;
using UnalignedDoubleGroup __attribute__((vector_size(group_bytes<double>), aligned(alignof(double)), may_alias)) =
    double;
template <class T>
struct GroupOf;
template <>
struct GroupOf<float> {
  using Unaligned = UnalignedFloatGroup;
  using Vector __attribute__((vector_size(group_bytes<float>))) = float;
};
template <>
struct GroupOf<double> {
  using Unaligned = UnalignedDoubleGroup;
  using Vector __attribute__((vector_size(group_bytes<double>))) = double;
};
template <class T>
using Group = typename GroupOf<T>::Vector;

template <class T>
inline Group<T> load_group(const T* from) {
  return *reinterpret_cast<const typename GroupOf<T>::Unaligned*>(from);
}
template <class T>
inline void store_group(T* to, Group<T> group) {
  *reinterpret_cast<typename GroupOf<T>::Unaligned*>(to) = group;
}

/// Lane l: x_l + x_(l ^ step) where bit `step` of l is 0, the same of y elsewhere.
template <class T, Index step, int... l>
inline Group<T> fold(Group<T> x, Group<T> y, std::integer_sequence<int, l...>) {
  constexpr int n = sizeof...(l);
  return shuffled<((l & step) != 0 ? n + l : l)...>(x, y) +
         shuffled<((l & step) != 0 ? n + (l ^ step) : l ^ step)...>(x, y);
}
/// Lane l of the result is the sum of all lanes of groups[l].
template <class T, Index step = group_entries<T> / 2>
inline Group<T> sum_each(Group<T>* groups) {
  for (Index e = 0; e < step; ++e) {
    groups[e] = fold<T, step>(groups[e], groups[e + step], std::make_integer_sequence<int, group_entries<T>>());
  }
  if constexpr (step == 1) {
    return groups[0];
  } else {
    return sum_each<T, step / 2>(groups);
  }
}

/// Groups of components that are known to the compiler: their row of W and their sums stay in registers.
constexpr Index most_fixed_groups = registers == 32 ? 13 : 5;

/// What one row of W H is made from; `fixed` groups of components, or if that is 0, `count`. Handed on by value:
/// no store through another pointer can make it stale.
template <class T, Index fixed>
struct RowModel {
  const T* w;
  Block<const T> ht;
  Index count;
  Group<T> held[fixed > 0 ? fixed : 1];

  RowModel(const T* row, Block<const T> h, Index groups) : w(row), ht(h), count(groups) {
    for (Index g = 0; g < fixed; ++g) held[g] = load_group(w + g * group_entries<T>);
  }
  Index groups() const { return fixed > 0 ? fixed : count; }
  Group<T> group(Index g) const { return fixed > 0 ? held[g] : load_group(w + g * group_entries<T>); }
};

/// x of the entries of one group
template <class T, Index fixed>
inline Group<T> model_of(const RowModel<T, fixed>& model, const std::int32_t* columns) {
  Group<T> sums[group_entries<T>];
  const T* rows[group_entries<T>];
  const Group<T> first = model.group(0);
  for (Index e = 0; e < group_entries<T>; ++e) {
    rows[e] = model.ht.data + columns[e] * model.ht.stride;
    sums[e] = first * load_group(rows[e]);
  }
  for (Index g = 1; g < model.groups(); ++g) {
    const Group<T> w = model.group(g);
    for (Index e = 0; e < group_entries<T>; ++e) sums[e] += w * load_group(rows[e] + g * group_entries<T>);
  }
  return sum_each<T>(sums);
}

/// Asks for the rows of H that the group of entries from q on names.
template <class T, Index fixed>
inline void fetch_rows_of_h(const SparseRow<T>& row, const RowModel<T, fixed>& model, Index q) {
  constexpr Index n = group_entries<T>, line = line_bytes / static_cast<Index>(sizeof(T));
  for (Index e = q; e < q + n; ++e) {
    const T* later = model.ht.data + row.columns[e] * model.ht.stride;
    for (Index c = 0; c < model.groups() * n; c += line) fetch_near(address_at(later, c));
  }
}

/// Some entries with v / x and v / x^2; behind the first `count` their numbers are 0.
template <class T>
struct DividedGroup {
  const std::int32_t* columns;
  Index count;
  T first[group_entries<T>], second[group_entries<T>];
};

template <class T, bool has_seconds>
inline void divide_group(const T* values, Group<T> x, T largest, DividedGroup<T>& group) {
  const auto quotients = quotients_of<has_seconds>(load_group(values), x, largest);
  store_group(group.first, quotients.first);
  if constexpr (has_seconds) store_group(group.second, quotients.second);
}

/// use(group) for the entries of a row; their x into `models`, unless that is null.
template <bool has_seconds, class T, Index fixed, class F>
__attribute__((always_inline)) inline void for_divided_groups(const SparseRow<T>& row,
                                                              const RowModel<T, fixed>& model, T largest,
                                                              T* models, F&& use) {
  constexpr Index n = group_entries<T>;
  DividedGroup<T> group;
  Index q = 0;
  for (; q + n <= row.count; q += n) {
    if (row.fetches && q + 2 * n <= row.columns_left) fetch_rows_of_h(row, model, q + n);
    const Group<T> x = model_of(model, row.columns + q);
    if (models != nullptr) store_group(models + q, x);
    group.columns = row.columns + q;
    group.count = n;
    divide_group<T, has_seconds>(row.values + q, x, largest, group);
    use(group);
  }
  if (q == row.count) return;
  std::int32_t columns[n];
  T values[n], x[n];
  for (Index e = 0; e < n; ++e) {
    columns[e] = row.columns[q + e < row.count ? q + e : q];
    values[e] = q + e < row.count ? row.values[q + e] : T(0);
  }
  const Group<T> last = model_of(model, columns);
  store_group(x, last);
  for (Index e = 0; models != nullptr && q + e < row.count; ++e) models[q + e] = x[e];
  group.columns = columns;
  group.count = row.count - q;
  divide_group<T, has_seconds>(values, last, largest, group);
  use(group);
}

// out = sum_q (v_q / x_q) h_(column of q)
template <class T, Index fixed>
__attribute__((noinline)) void cross_quotient_row(SparseRow<T> row, const T* w, Block<const T> ht, Index groups,
                                                  T largest, T* models, T* out) {
  constexpr Index n = group_entries<T>;
  const RowModel<T, fixed> model(w, ht, groups);
  Group<T> even[fixed > 0 ? fixed : 1] = {}, odd[fixed > 0 ? fixed : 1] = {};
  for (Index g = 0; fixed == 0 && g < groups; ++g) store_group(out + g * n, even[0]);
  for_divided_groups<false>(
      row, model, largest, models, [&](const DividedGroup<T>& group) __attribute__((always_inline)) {
        for (Index g = 0; g < model.groups(); ++g) {
          Group<T> sum = fixed > 0 ? even[g] : load_group(out + g * n), other = fixed > 0 ? odd[g] : Group<T>{};
          for (Index e = 0; e < n; e += 2) {
            sum += group.first[e] * load_group(ht.data + group.columns[e] * ht.stride + g * n);
            other += group.first[e + 1] * load_group(ht.data + group.columns[e + 1] * ht.stride + g * n);
          }
          if constexpr (fixed > 0) {
            even[g] = sum;
            odd[g] = other;
          } else {
            store_group(out + g * n, sum + other);
          }
        }
      });
  for (Index g = 0; g < fixed; ++g) store_group(out + g * n, even[g] + odd[g]);
}

// s_(column of q) += (v_q / x_q) w, and (v_q / x_q^2) w^2 into the curvature
template <bool has_curvature, class T, Index fixed>
__attribute__((noinline)) void accumulate_quotient_row(SparseRow<T> row, const T* w, Block<const T> ht,
                                                       Index groups, T largest, T* models, QuotientBlocks<T> s) {
  constexpr Index n = group_entries<T>;
  const RowModel<T, fixed> model(w, ht, groups);
  for_divided_groups<has_curvature>(
      row, model, largest, models, [&](const DividedGroup<T>& group) __attribute__((always_inline)) {
        for (Index e = 0; e < group.count; ++e) {
          T* const to = s.numerator.data + group.columns[e] * s.numerator.stride;
          T* const curvature = has_curvature ? s.curvature.data + group.columns[e] * s.curvature.stride : nullptr;
          for (Index g = 0; g < model.groups(); ++g) {
            store_group(to + g * n, load_group(to + g * n) + group.first[e] * model.group(g));
            if constexpr (has_curvature) {
              store_group(curvature + g * n,
                          load_group(curvature + g * n) + group.second[e] * model.group(g) * model.group(g));
            }
          }
        }
      });
}

/// Calls f.template operator()<fixed>() for so many groups, 0 for more than are fixed.
template <Index fixed = most_fixed_groups, class F>
inline void call_with_groups(Index groups, F&& f) {
  if (fixed == 0 || groups == fixed) {
    f.template operator()<fixed>();
  } else if constexpr (fixed > 0) {
    call_with_groups<fixed - 1>(groups, f);
  }
}

/// use(row, i) for the rows; then what they cost is added, from x in `models`.
template <class T, class F>
inline void for_modelled_rows(const SparseRows<T>& v, Block<const T> ht, const T* models, EntryCost* cost,
                              F&& use) {
  for (Index i = 0; i < v.rows; ++i) {
    const SparseRow<T> row = row_of(v, i, ht.rows * ht.stride);
    use(row, i);
    if (cost != nullptr) add_cost(KullbackLeiblerTerm{}, row.values, models, row.count, *cost);
  }
}

template <class T>
void cross_quotients(const SparseRows<T>& v, Block<const T> w, Block<const T> ht, Block<T> out, T* model,
                     T largest, EntryCost* cost) {
  T* const models = cost == nullptr ? nullptr : model;
  const Index groups = (w.columns + group_entries<T> - 1) / group_entries<T>;
  call_with_groups(groups, [&]<Index fixed>() {
    for_modelled_rows(v, ht, model, cost, [&](const SparseRow<T>& row, Index i) {
      cross_quotient_row<T, fixed>(row, w.data + i * w.stride, ht, groups, largest, models,
                                   out.data + i * out.stride);
    });
  });
}

template <class T>
void accumulate_quotients(const SparseRows<T>& v, Block<const T> w, Block<const T> ht, const QuotientBlocks<T>& s,
                          T* model, T largest, EntryCost* cost) {
  T* const models = cost == nullptr ? nullptr : model;
  const Index groups = (w.columns + group_entries<T> - 1) / group_entries<T>;
  call_with_groups(groups, [&]<Index fixed>() {
    for_modelled_rows(v, ht, model, cost, [&](const SparseRow<T>& row, Index i) {
      s.curvature.data == nullptr
          ? accumulate_quotient_row<false, T, fixed>(row, w.data + i * w.stride, ht, groups, largest, models, s)
          : accumulate_quotient_row<true, T, fixed>(row, w.data + i * w.stride, ht, groups, largest, models, s);
    });
  });
}

}  // namespace
}  // namespace mpinmf
