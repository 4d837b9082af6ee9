// Projected gradient steps over rows, as rounds.hpp moves them, the length of a step found for each row by itself:
// Lin, Projected gradient methods for nonnegative matrix factorization, Neural Computation 19 (2007), algorithm 4.
#include "rounds.hpp"

namespace mpinmf {
namespace {

/// Lin's sigma and beta, and how many lengths are tried in one round.
constexpr double sufficient_decrease = 0.01, length_factor = 0.1;
constexpr Index most_trials = 20;

/// Lengths stay within 1 / trace(G), which is always short enough, and this multiple of it.
template <class T>
constexpr T longest_length = sizeof(T) == 8 ? T(1e10) : T(1e6);

/// Some rows in the scratch, component by component, and the lengths of their steps.
template <class T>
struct GradientRows {
  T *x, *b, *gradient, *step;
  Packs<T> length;

  /// max(0, x - length gradient) - x at a place in the scratch
  Pack<T> projected_step(Index at, Pack<T> by) const {
    const Pack<T> from = load(x + at);
    return positive_part(from - by * load(gradient + at)) - from;
  }
};

/// Whether the step d of this length lowers the objective enough: (1 - sigma) g d' + d G d' / 2 <= 0. Both terms
/// are taken as shares of trace(G) = 1 / shortest, so that they stay in the range of numbers where x and d do.
template <class T>
inline RowMasks<T> is_sufficient(GradientRows<T>& rows, Block<const T> gram, T shortest, Packs<T>& length) {
  for (Index c = 0; c < gram.rows; ++c) {
    for (Index p = 0; p < packs_together<T>; ++p) {
      const Index at = c * rows_together<T> + p * lanes<T>;
      store(rows.step + at, rows.projected_step(at, length[p]));
    }
  }
  Packs<T> change;
  for_products<T>(rows.step, gram, [&](Index c, Packs<T>& product) {
    for (Index p = 0; p < packs_together<T>; ++p) {
      const Index at = c * rows_together<T> + p * lanes<T>;
      const Pack<T> slope = load(rows.gradient + at) * static_cast<T>(1 - sufficient_decrease);
      change[p] += load(rows.step + at) * ((slope + product[p] / 2) * shortest);
    }
  });
  RowMasks<T> result;
  for (Index p = 0; p < packs_together<T>; ++p) result[p] = change[p] <= Pack<T>{};
  return result;
}

/// Whether steps of these two lengths end in different places.
template <class T>
inline RowMasks<T> differ(const GradientRows<T>& rows, Index k, Packs<T>& one, Packs<T>& other) {
  RowMasks<T> result;
  for (Index c = 0; c < k; ++c) {
    for (Index p = 0; p < packs_together<T>; ++p) {
      const Index at = c * rows_together<T> + p * lanes<T>;
      result[p] |= rows.projected_step(at, one[p]) != rows.projected_step(at, other[p]);
    }
  }
  return result;
}

/// The longest length, by powers of beta from the last one, that lowers the objective enough; 0 where rounding
/// leaves none.
template <class T>
inline Packs<T> find_length(GradientRows<T>& rows, Block<const T> gram, T shortest) {
  const T grow = static_cast<T>(1 / length_factor), shrink = static_cast<T>(length_factor);
  RowMasks<T> growing = is_sufficient(rows, gram, shortest, rows.length), shrinking;
  Packs<T> found, trial;
  for (Index p = 0; p < packs_together<T>; ++p) {
    shrinking[p] = ~growing[p];
    found[p] = growing[p] ? rows.length[p] : Pack<T>{};
    trial[p] = rows.length[p];
  }
  for (Index t = 0; t < most_trials; ++t) {
    Packs<T> next;
    for (Index p = 0; p < packs_together<T>; ++p) {
      const Pack<T> shorter = trial[p] * shrink, least = Pack<T>{} + shortest;
      shrinking[p] &= trial[p] > least;
      growing[p] &= trial[p] * grow <= least * longest_length<T>;
      next[p] = growing[p] ? trial[p] * grow : (shorter > least ? shorter : least);
    }
    RowMasks<T> moves = differ(rows, gram.rows, trial, next);
    for (Index p = 0; p < packs_together<T>; ++p) growing[p] &= moves[p];
    if (!growing.any() && !shrinking.any()) break;
    RowMasks<T> is_enough = is_sufficient(rows, gram, shortest, next);
    for (Index p = 0; p < packs_together<T>; ++p) {
      growing[p] &= is_enough[p];
      found[p] = (growing[p] | (shrinking[p] & is_enough[p])) ? next[p] : found[p];
      shrinking[p] &= ~is_enough[p];
      trial[p] = next[p];
    }
  }
  return found;
}

template <class T>
inline void gradient_round(GradientRows<T>& rows, Block<const T> gram, T shortest, MovingRows<T>& moving) {
  for_products<T>(rows.x, gram, [&](Index c, Packs<T>& product) {
    for (Index p = 0; p < packs_together<T>; ++p) {
      const Index at = c * rows_together<T> + p * lanes<T>;
      store(rows.gradient + at, product[p] - load(rows.b + at));
    }
  });
  Packs<T> found = find_length(rows, gram, shortest);
  for (Index c = 0; c < gram.rows; ++c) {
    for (Index p = 0; p < packs_together<T>; ++p) {
      const Index at = c * rows_together<T> + p * lanes<T>;
      const Pack<T> x = load(rows.x + at);
      store(rows.x + at, moving.step(p, x, x + rows.projected_step(at, found[p])));
    }
  }
  for (Index p = 0; p < packs_together<T>; ++p) {
    const Pack<T> least = Pack<T>{} + shortest;
    rows.length[p] = moving.choose(p, rows.length[p], found[p] > least ? found[p] : least);
  }
}

template <class T>
double gradient_rounds(const RowsWithState<T>& rows, Block<const T> gram, const RoundSettings<T>& settings,
                       T* scratch) {
  const Index k = rows.x.columns, size = k * rows_together<T>;
  GradientRows<T> moved{scratch, scratch + size, scratch + 2 * size, scratch + 3 * size, {}};
  T trace = 0;
  for (Index c = 0; c < k; ++c) trace += gram.data[c * gram.stride + c];
  const T shortest = trace > 0 ? 1 / trace : 0, longest = shortest * longest_length<T>;
  T* lengths = scratch + 4 * size;
  for (Index first = 0; first < rows.x.rows; first += rows_together<T>) {
    const Index count = rows.x.rows - first < rows_together<T> ? rows.x.rows - first : rows_together<T>;
    transpose_in<T>({rows.x.data, rows.x.rows, k, rows.x.stride}, first, count, moved.x);
    transpose_in<T>({rows.state.data, rows.x.rows, 1, rows.state.stride}, first, count, lengths);
    transpose_in(rows.numerator, first, count, moved.b);
    for (Index i = 0; i < size; ++i) moved.b[i] -= settings.l1;
    for (Index p = 0; p < packs_together<T>; ++p) {
      const Pack<T> last = load(lengths + p * lanes<T>), least = Pack<T>{} + shortest;
      const Pack<T> raised = last > least ? last : least;
      moved.length[p] = raised < longest ? raised : Pack<T>{} + longest;
    }
    MovingRows<T> moving(settings);
    do {
      gradient_round(moved, gram, shortest, moving);
    } while (moving.go_on());
    for (Index p = 0; p < packs_together<T>; ++p) store(lengths + p * lanes<T>, moved.length[p]);
    transpose_out(moved.x, first, count, rows.x);
    transpose_out(lengths, first, count, {rows.state.data, rows.x.rows, 1, rows.state.stride});
  }
  return 0;
}

}  // namespace

template <class T>
RoundsKernel<T> rounds_of(RoundsFile<struct GradientRounds, MPINMF_LEVEL::Level>) {
  return gradient_rounds<T>;
}
template RoundsKernel<float> rounds_of(RoundsFile<struct GradientRounds, MPINMF_LEVEL::Level>);
template RoundsKernel<double> rounds_of(RoundsFile<struct GradientRounds, MPINMF_LEVEL::Level>);

}  // namespace mpinmf
