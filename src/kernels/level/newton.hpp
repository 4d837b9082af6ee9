// Kullback-Leibler rounds on rows of W: cyclic coordinate descent (Hsieh and Dhillon, Fast coordinate descent
// methods with variable selection for non-negative matrix factorization, KDD 2011) by the safeguarded steps of the
// scalar Newton method of Hien and Gillis, Algorithms for nonnegative matrix factorization with the
// Kullback-Leibler divergence, J. Sci. Comput. 87 (2021). A pack holds entries of one row, and all is double: x is
// updated by differences, and where a large component goes to 0 single precision would leave few digits of it.
// Rows are independent.
#pragma once

#include "entries.hpp"
#include "kernels/vector_kernels.hpp"

namespace mpinmf {
namespace {

/// The entries of a row, up to `room` with zeros behind the last; 1 / x is 0 where v = 0 or x = 0, so that such
/// entries pull at nothing.
struct NewtonRow {
  const double* h;  ///< k x room: the rows of H of these entries, component by component
  Index room;
  double *v, *x, *inverse;
};

/// Sums over the entries of a row for one component, with q = h / x.
struct CoordinateSums {
  double pull, curvature, steepest;  ///< sum v q, sum v q^2, max q
};

/// q and sums of it are trusted below these bounds: they stay finite then, squared and weighted.
constexpr double most_steep = 1e140, most_sum = 1e280;

/// to[c][q] = c-th number of the row that row_of_entry(q) points to, for all entries; 0 behind them.
template <class T, class F>
inline void gather_components(Index entries, Index components, F&& row_of_entry, double* to) {
  const Index room = entries_room(entries);
  Index q = 0;
  for (; q + lanes<double> <= entries; q += lanes<double>) {
    const T* rows[lanes<double>];
    for (Index l = 0; l < lanes<double>; ++l) rows[l] = row_of_entry(q + l);
    for (Index c = 0; c < components; ++c) {
      Doubles pack;
      for (Index l = 0; l < lanes<double>; ++l) pack[l] = static_cast<double>(rows[l][c]);
      store(to + c * room + q, pack);
    }
  }
  for (; q < room; ++q) {
    const T* row = q < entries ? row_of_entry(q) : nullptr;
    for (Index c = 0; c < components; ++c) to[c * room + q] = row == nullptr ? 0.0 : static_cast<double>(row[c]);
  }
}

inline Doubles inverse_of(Doubles x, Doubles v) {
  const Doubles zero{};
  return ((x > zero) & (v > zero)) ? 1.0 / x : zero;
}

/// x = w H and 1 / x
template <class T>
inline void begin_row(const NewtonRow& row, const T* values, Index entries, const T* w, Index components) {
  for (Index q = 0; q < row.room; ++q) row.v[q] = q < entries ? static_cast<double>(values[q]) : 0.0;
  for (Index q = 0; q < row.room; q += lanes<double>) {
    Doubles x{};
    for (Index c = 0; c < components; ++c) x += static_cast<double>(w[c]) * load(row.h + c * row.room + q);
    store(row.x + q, x);
    store(row.inverse + q, inverse_of(x, load(row.v + q)));
  }
}

/// The sums of the component whose numbers are h. First, where another one has moved, x += step moved_h.
template <bool has_moved>
inline CoordinateSums add_up(NewtonRow row, const double* h, const double* moved_h, double step) {
  Doubles pull{}, curvature{}, steepest{};
  for (Index at = 0; at < row.room; at += lanes<double>) {
    Doubles inverse;
    if constexpr (has_moved) {
      const Doubles x = load(row.x + at) + step * load(moved_h + at);
      inverse = inverse_of(x, load(row.v + at));
      store(row.x + at, x);
      store(row.inverse + at, inverse);
    } else {
      inverse = load(row.inverse + at);
    }
    const Doubles q = smaller(load(h + at) * inverse, most_steep), weighted = load(row.v + at) * q;
    pull += weighted;
    curvature += weighted * q;
    steepest = q > steepest ? q : steepest;
  }
  CoordinateSums sums{sum_of_lanes<double>(pull), sum_of_lanes<double>(curvature), 0};
  for (Index l = 0; l < lanes<double>; ++l) {
    sums.steepest = steepest[l] > sums.steepest ? steepest[l] : sums.steepest;
  }
  return sums;
}

/// Where w_c goes, f(w_c) = s w_c + l2 / 2 w_c^2 - sum v log x: the farther of two steps, neither of which can
/// raise f.
///
/// The multiplicative one (with l2 as in the majorizer) never passes the minimum, and comes near it where the
/// component explains its entries alone. Newton's, -f' / f'', falls short of it to the right, where f'' shrinks.
/// To the left f''(w_c + t) <= f''(w_c) / (1 + t max q)^2, from where f does not rise if max q |t| <= 0.683802,
/// and otherwise if the step is divided by 1 + max q |t|. Hien and Gillis have the looser (f'' / min v)^(1/2) for
/// max q.
inline double coordinate_goal(double w, CoordinateSums sums, double s, double l2) {
  constexpr double longest_full_step = 0.683802;
  if (!(sums.pull < most_sum)) return w;
  const double reach = w * sums.pull;  // s w' + l2 w'^2 = w pull
  const double root = l2 > 0 ? __builtin_sqrt(s * s + 4 * l2 * reach) : s;
  const double multiplied = reach > 0 ? 2 * reach / (s + root) : 0;
  const double slope = s + l2 * w - sums.pull, curvature = sums.curvature + l2;
  const bool trusts_newton = curvature > 0 && curvature < most_sum && sums.steepest < most_steep;
  if (!trusts_newton) return multiplied < most_sum ? multiplied : w;
  double step = -slope / curvature;
  if (slope <= 0) return w + step > multiplied ? w + step : multiplied;

  const double length = -step * sums.steepest;
  if (length > longest_full_step) step /= 1 + length;
  const double goal = w + step > 0 ? w + step : 0;
  if (goal > multiplied) return multiplied;
  // An entry that is all but explained by this component alone must not lose it to rounding.
  constexpr double nearly_alone = 1 - 1e-6, least_share = 1.0 / 1024;
  const double least = w * least_share < multiplied ? w * least_share : multiplied;
  return w * sums.steepest > nearly_alone && goal < least ? least : goal;
}

/// Returns the gain that the first round predicts.
template <class T>
double newton_rounds_of_row(NewtonRow row, T* w, Block<const T> column_sums, const NewtonSettings<T>& settings) {
  const double* moved_h = nullptr;
  double step = 0, first_square = 0, gain = 0;
  for (Index round = 0; round < settings.most_rounds; ++round) {
    double square = 0;
    for (Index c = 0; c < column_sums.columns; ++c) {
      const double* h = row.h + c * row.room;
      const CoordinateSums sums = step != 0 ? add_up<true>(row, h, moved_h, step) : add_up<false>(row, h, h, 0);
      const double old = static_cast<double>(w[c]);
      const double s = static_cast<double>(column_sums.data[c]) + settings.l1;
      const double goal = coordinate_goal(old, sums, s, settings.l2);
      T moved = static_cast<T>(goal);
      if (goal > 0 && moved < settings.least_positive) moved = settings.least_positive;
      w[c] = moved < settings.zero_below ? T(0) : moved;
      step = static_cast<double>(w[c]) - old;
      moved_h = h;
      square += step * step;
      if (round == 0) gain += 0.5 * step * (sums.pull - s - settings.l2 * old);
    }
    if (round == 0) first_square = square;
    if (square <= settings.least_share * first_square) break;
  }
  return gain;
}

template <class T>
NewtonRow newton_row(Index entries, Index components, double* scratch) {
  const Index room = entries_room(entries);
  double* rest = scratch + components * room;
  return {scratch, room, rest, rest + room, rest + 2 * room};
}

template <class T>
double newton_rounds(const SparseRows<T>& v, Block<T> w, Block<const T> ht, Block<const T> column_sums,
                     const NewtonSettings<T>& settings, double* scratch) {
  double gain = 0;
  for (Index i = 0; i < v.rows; ++i) {
    const std::int32_t* columns = v.columns + v.begins[i];
    const Index entries = v.ends[i] - v.begins[i];
    const NewtonRow row = newton_row<T>(entries, w.columns, scratch);
    gather_components<T>(
        entries, w.columns, [&](Index q) { return ht.data + columns[q] * ht.stride; }, scratch);
    T* own = w.data + i * w.stride;
    begin_row(row, v.values + v.begins[i], entries, own, w.columns);
    gain += newton_rounds_of_row(row, own, column_sums, settings);
  }
  return gain;
}

template <class T>
double dense_newton_rounds(Block<const T> v, Block<T> w, Block<const T> ht, Block<const T> column_sums,
                           const NewtonSettings<T>& settings, double* scratch) {
  const NewtonRow row = newton_row<T>(v.columns, w.columns, scratch);
  gather_components<T>(
      v.columns, w.columns, [&](Index j) { return ht.data + j * ht.stride; }, scratch);
  double gain = 0;
  for (Index i = 0; i < v.rows; ++i) {
    T* own = w.data + i * w.stride;
    begin_row(row, v.data + i * v.stride, v.columns, own, w.columns);
    gain += newton_rounds_of_row(row, own, column_sums, settings);
  }
  return gain;
}

}  // namespace
}  // namespace mpinmf
