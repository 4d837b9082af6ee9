// Kullback-Leibler rounds on rows of W: cyclic coordinate descent (Hsieh and Dhillon, Fast coordinate descent
// methods with variable selection for non-negative matrix factorization, KDD 2011) by the safeguarded steps of the
// scalar Newton method of Hien and Gillis, Algorithms for nonnegative matrix factorization with the
// Kullback-Leibler divergence, J. Sci. Comput. 87 (2021). Rows are independent, a pack holds entries of one, all
// in double: x is updated by differences, and single precision would not do where a large component goes to 0.
#pragma once

#include <utility>

#include "entries.hpp"
#include "kernels/vector_kernels.hpp"

namespace mpinmf {
namespace {

/// The entries of a row, up to `room` with zeros behind the last. H for them, component by component: k x width
/// (or less) for one block of entries after another, the rows of a block `stride` apart.
template <class Number>
struct NewtonRow {
  const Number* h = nullptr;
  Index room = 0, components = 0, width = 1, stride = 0;
  double *v = nullptr, *x = nullptr;

  const Number* component(Index c) const { return h + c * stride; }
};

/// f(entry, where it is in component(c)) for the packs of a row.
template <class Number, class F>
__attribute__((always_inline)) inline void for_packs_of(const NewtonRow<Number>& row, F&& f) {
  Index in_h = 0;
  for (Index first = 0; first < row.room; first += row.width, in_h += row.components * row.stride) {
    const Index last = first + row.width < row.room ? first + row.width : row.room;
    for (Index at = first; at < last; at += lanes<double>) f(at, in_h + at - first);
  }
}

/// Sums over the entries of a row for one component, with q = h / x: sum v q, sum v q^2, max q. Lane by lane, or
/// of a row in each lane.
struct CoordinateSums {
  Doubles pull{}, curvature{}, steepest{};
};

/// q and sums of it are trusted below these bounds: they stay finite then, squared and weighted.
constexpr double most_steep = 1e140, most_sum = 1e280;

/// Rows that move in step: a component waits for the one before, so that a short row by itself would leave the
/// processor waiting most of the time.
constexpr Index rows_in_step = lanes<double>;
static_assert(rows_in_step <= most_newton_rows);

/// Lane l of x: of x where bit `step` of l is 0, else lane l ^ step of y; of y the other way round.
template <Index step, int... l>
inline void exchange(Doubles& x, Doubles& y, std::integer_sequence<int, l...>) {
  constexpr int n = sizeof...(l);
  const Doubles low = shuffled<((l & step) != 0 ? n + (l ^ step) : l)...>(x, y);
  y = shuffled<((l & step) != 0 ? n + l : l ^ step)...>(x, y);
  x = low;
}
/// Lane l of pack p becomes lane p of pack l.
template <Index step = lanes<double> / 2>
inline void transpose(Doubles* packs) {
  for (Index p = 0; p < lanes<double>; ++p) {
    if ((p & step) == 0) {
      exchange<step>(packs[p], packs[p + step], std::make_integer_sequence<int, lanes<double>>());
    }
  }
  if constexpr (step > 1) transpose<step / 2>(packs);
}

/// to[c][q] = c-th number of the row that row_of_entry(q) points to, for all entries; 0 behind them.
template <class T, class F>
inline void gather_components(Index entries, Index components, F&& row_of_entry, double* to) {
  const Index room = entries_room(entries);
  for (Index q = 0; q < room; q += lanes<double>) {
    const T* rows[lanes<double>];
    const Index valid = entries - q < lanes<double> ? entries - q : lanes<double>;
    for (Index l = 0; l < valid; ++l) rows[l] = row_of_entry(q + l);
    for (Index first = 0; first < components; first += lanes<double>) {
      Doubles packs[lanes<double>];
      for (Index l = 0; l < lanes<double>; ++l) packs[l] = l < valid ? load_doubles(rows[l] + first) : Doubles{};
      transpose(packs);
      for (Index c = 0; c < lanes<double>; ++c) {
        if (first + c < components) store(to + (first + c) * room + q, packs[c]);
      }
    }
  }
}

/// 1 / x, and 0 where v = 0 or x = 0, so that such entries pull at nothing.
inline Doubles inverse_of_model(Doubles x, Doubles v) {
  const Doubles zero{};
  return ((x > zero) & (v > zero)) ? inverse_of(x) : zero;
}

/// x = w H
template <class Number, class T>
inline void begin_row(const NewtonRow<Number>& row, const T* values, Index entries, const T* w) {
  for (Index q = 0; q < row.room; ++q) row.v[q] = q < entries ? static_cast<double>(values[q]) : 0.0;
  for_packs_of(row, [&](Index at, Index in_h) {
    Doubles x{};
    for (Index c = 0; c < row.components; ++c) {
      x += static_cast<double>(w[c]) * load_doubles(row.component(c) + in_h);
    }
    store(row.x + at, x);
  });
}

/// The sums of component c, lane by lane, after x += step h of the component that has moved last.
template <class Number>
inline CoordinateSums add_up(NewtonRow<Number> row, Index c, Index moved, double step) {
  const Number *const h = row.component(c), *const moved_h = row.component(moved);
  CoordinateSums sums;
  for_packs_of(row, [&](Index at, Index in_h) {
    const Doubles x = load(row.x + at) + step * load_doubles(moved_h + in_h), v = load(row.v + at);
    store(row.x + at, x);
    const Doubles q = smaller(load_doubles(h + in_h) * inverse_of_model(x, v), most_steep), weighted = v * q;
    sums.pull += weighted;
    sums.curvature += weighted * q;
    sums.steepest = q > sums.steepest ? q : sums.steepest;
  });
  return sums;
}

/// Lane l of the result: join of all lanes of packs[l].
template <Index step = rows_in_step / 2, class Join>
inline Doubles join_each(Doubles* packs, Join&& join) {
  for (Index p = 0; p < step; ++p) {
    exchange<step>(packs[p], packs[p + step], std::make_integer_sequence<int, rows_in_step>());
    packs[p] = join(packs[p], packs[p + step]);
  }
  if constexpr (step == 1) {
    return packs[0];
  } else {
    return join_each<step / 2>(packs, join);
  }
}

/// The sums of so many rows, one in each lane.
inline CoordinateSums sums_of_rows(const CoordinateSums* rows) {
  Doubles pulls[rows_in_step], curvatures[rows_in_step], steepest[rows_in_step];
  for (Index r = 0; r < rows_in_step; ++r) {
    pulls[r] = rows[r].pull;
    curvatures[r] = rows[r].curvature;
    steepest[r] = rows[r].steepest;
  }
  const auto sum = [](Doubles a, Doubles b) { return a + b; };
  return {join_each(pulls, sum), join_each(curvatures, sum),
          join_each(steepest, [](Doubles a, Doubles b) { return a > b ? a : b; })};
}

/// Where w_c goes, f(w_c) = s w_c + l2 / 2 w_c^2 - sum v log x: the farther of two steps, neither of which can
/// raise f.
///
/// The multiplicative one (with l2 as in the majorizer) never passes the minimum, and comes near it where the
/// component explains its entries alone. Newton's, -f' / f'', falls short of it to the right, where f'' shrinks.
/// To the left f''(w_c + t) <= f''(w_c) / (1 + t max q)^2, from where f does not rise if max q |t| <= 0.683802,
/// and otherwise if the step is divided by 1 + max q |t|. Hien and Gillis have the looser (f'' / min v)^(1/2) for
/// max q.
inline Doubles coordinate_goals(Doubles w, const CoordinateSums& sums, double s, double l2) {
  constexpr double longest_full_step = 0.683802;
  const Doubles zero{}, reach = w * sums.pull;  // s w' + l2 w'^2 = w pull
  Doubles root = zero + s;
  for (Index r = 0; l2 > 0 && r < rows_in_step; ++r) root[r] = __builtin_sqrt(s * s + 4 * l2 * reach[r]);
  const Doubles multiplied = reach > zero ? 2 * reach / (s + root) : zero;
  const Doubles slope = s + l2 * w - sums.pull, curvature = sums.curvature + l2, step = -slope / curvature;
  const Doubles right = w + step > multiplied ? w + step : multiplied;

  const Doubles length = -step * sums.steepest;
  const Doubles goal = larger(w + (length > longest_full_step ? step / (1 + length) : step), 0);
  // An entry that is all but explained by this component alone must not lose it to rounding.
  constexpr double nearly_alone = 1 - 1e-6, least_share = 1.0 / 1024;
  const Doubles share = w * least_share, least = share < multiplied ? share : multiplied;
  const Doubles kept = ((w * sums.steepest > nearly_alone) & (goal < least)) ? least : goal;
  const Doubles left = goal > multiplied ? multiplied : kept;

  const Bits trusts_newton =
      (curvature > zero) & (curvature < zero + most_sum) & (sums.steepest < zero + most_steep);
  const Doubles plain = multiplied < zero + most_sum ? multiplied : w;
  const Doubles moved = trusts_newton ? (slope <= zero ? right : left) : plain;
  return sums.pull < zero + most_sum ? moved : w;
}

/// A row of W on its way.
template <class Number, class T>
struct MovingRow {
  NewtonRow<Number> entries;
  T* w = nullptr;
  Index moved = 0;  ///< the component that has moved last, by `step`
  double step = 0, square = 0, first_square = 0, gain = 0;
  bool goes_on = true;
};

/// w_c of a row goes there.
template <class Number, class T>
inline void move_component(MovingRow<Number, T>& row, Index c, double goal, const NewtonSettings<T>& settings) {
  const double old = static_cast<double>(row.w[c]);
  T moved = static_cast<T>(goal);
  if (goal > 0 && moved < settings.least_positive) moved = settings.least_positive;
  row.w[c] = moved < settings.zero_below ? T(0) : moved;
  row.step = static_cast<double>(row.w[c]) - old;
  row.moved = c;
  row.square += row.step * row.step;
}

/// One round. Each row's gain is raised by half its steps times minus the slopes, if that is asked for.
template <class Number, class T>
inline void move_all_components(MovingRow<Number, T>* rows, Index count, Block<const T> column_sums,
                                const NewtonSettings<T>& settings, bool predicts) {
  for (Index c = 0, fixed = 0; c < column_sums.columns; ++c) {
    const bool stays = fixed < settings.fixed_count && settings.fixed[fixed] == c;
    fixed += stays ? 1 : 0;
    if (stays) continue;
    CoordinateSums sums[rows_in_step];
    Doubles w{};
    for (Index r = 0; r < count; ++r) {
      if (!rows[r].goes_on) continue;
      sums[r] = add_up(rows[r].entries, c, rows[r].moved, rows[r].step);
      w[r] = static_cast<double>(rows[r].w[c]);
    }
    const double s = static_cast<double>(column_sums.data[c]) + settings.l1;
    const CoordinateSums of_rows = sums_of_rows(sums);
    const Doubles goals = coordinate_goals(w, of_rows, s, settings.l2);
    for (Index r = 0; r < count; ++r) {
      if (!rows[r].goes_on) continue;
      move_component(rows[r], c, goals[r], settings);
      if (predicts) rows[r].gain += 0.5 * rows[r].step * (of_rows.pull[r] - s - settings.l2 * w[r]);
    }
  }
}

/// At most rows_in_step rows, each as if alone.
template <class Number, class T>
inline void move_together(MovingRow<Number, T>* rows, Index count, Block<const T> column_sums,
                          const NewtonSettings<T>& settings) {
  bool goes_on = true;
  for (Index round = 0; goes_on && round < settings.most_rounds; ++round) {
    for (Index r = 0; r < count; ++r) rows[r].square = 0;
    move_all_components(rows, count, column_sums, settings, round == 0);
    goes_on = false;
    for (Index r = 0; r < count; ++r) {
      if (round == 0) rows[r].first_square = rows[r].square;
      rows[r].goes_on = rows[r].goes_on && rows[r].square > settings.least_share * rows[r].first_square;
      goes_on = goes_on || rows[r].goes_on;
    }
  }
}

/// How many rows from this one on move in step.
template <class T>
inline Index rows_from(const SparseRows<T>& v, Index first) {
  const auto is_short = [&](Index i) { return v.ends[i] - v.begins[i] <= most_entries_in_step; };
  Index count = 1;
  while (is_short(first) && count < rows_in_step && first + count < v.rows && is_short(first + count)) ++count;
  return count;
}

template <class T>
double newton_rounds(const SparseRows<T>& v, Block<T> w, Block<const T> ht, Block<const T> column_sums,
                     const NewtonSettings<T>& settings, double* scratch) {
  const Index k = w.columns;
  double gain = 0;
  for (Index first = 0, count = 0; first < v.rows; first += count) {
    MovingRow<double, T> rows[rows_in_step];
    count = rows_from(v, first);
    double* free = scratch;
    for (Index r = 0; r < count; ++r) {
      const Index begin = v.begins[first + r], entries = v.ends[first + r] - begin, room = entries_room(entries);
      const std::int32_t* columns = v.columns + begin;
      double* const rest = free + k * room;
      rows[r].entries = {free, room, k, room, room, rest, rest + room};
      rows[r].w = w.data + (first + r) * w.stride;
      gather_components<T>(
          entries, k, [&](Index q) { return ht.data + columns[q] * ht.stride; }, free);
      begin_row(rows[r].entries, v.values + begin, entries, rows[r].w);
      free = rest + 2 * room;
    }
    move_together(rows, count, column_sums, settings);
    for (Index r = 0; r < count; ++r) gain += rows[r].gain;
  }
  return gain;
}

template <class T>
double dense_newton_rounds(Block<const T> v, Block<T> w, Block<const T> blocked_h, Block<const T> column_sums,
                           const NewtonSettings<T>& settings, double* scratch) {
  const Index room = entries_room(v.columns);
  double gain = 0;
  for (Index i = 0; i < v.rows; ++i) {
    MovingRow<T, T> row;
    row.entries = {blocked_h.data, room, w.columns, blocked_h.columns, blocked_h.stride, scratch, scratch + room};
    row.w = w.data + i * w.stride;
    begin_row(row.entries, v.data + i * v.stride, v.columns, row.w);
    move_together(&row, 1, column_sums, settings);
    gain += row.gain;
  }
  return gain;
}

}  // namespace
}  // namespace mpinmf
