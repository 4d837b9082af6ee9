// Cyclic coordinate descent over rows, as rounds.hpp moves them (rules/hals.cpp).
#include "rounds.hpp"

namespace mpinmf {
namespace {

/// One round of cyclic coordinate descent. Returns the violations |projected gradient| met on the way. Each
/// product is summed anew: one that is corrected by what the components before it moved keeps the rounding of what
/// they were, with which data of very different sizes end in another minimum.
template <class T>
Pack<T> coordinate_round(T* x, const T* b, Block<const T> gram, MovingRows<T>& moving) {
  const Pack<T> zero{};
  Pack<T> violations{};
  for (Index c = 0; c < gram.rows; ++c) {
    const T* gram_row = gram.data + c * gram.stride;
    Packs<T> gradient;
    multiply_by_row(x, gram_row, gram.rows, gradient);
    const T curvature = gram_row[c], inverse = curvature > 0 ? 1 / curvature : 0;
    for (Index p = 0; p < packs_together<T>; ++p) {
      T* at = x + c * rows_together<T> + p * lanes<T>;
      const Pack<T> old = load(at), slope = gradient[p] - load(b + c * rows_together<T> + p * lanes<T>);
      // x_c <- max(0, x_c - (x G - b)_c / G_cc)
      const Pack<T> aim = old - slope * inverse, goal = positive_part(aim);
      store(at, moving.step(p, old, goal));
      const Pack<T> inward = old == zero ? (slope < zero ? slope : zero) : slope;
      violations += inward < zero ? -inward : inward;
    }
  }
  return violations;
}

template <class T>
double coordinate_rounds(const RowsWithState<T>& rows, Block<const T> gram, const RoundSettings<T>& settings,
                         T* scratch) {
  const Block<T> x = rows.x;
  const Index k = x.columns;
  T *moved = scratch, *b = scratch + k * rows_together<T>;
  double violation = 0;
  for (Index first = 0; first < x.rows; first += rows_together<T>) {
    const Index count = x.rows - first < rows_together<T> ? x.rows - first : rows_together<T>;
    transpose_in<T>({x.data, x.rows, k, x.stride}, first, count, moved);
    transpose_in(rows.numerator, first, count, b);
    for (Index i = 0; i < k * rows_together<T>; ++i) b[i] -= settings.l1;
    MovingRows<T> moving(settings);
    Pack<T> met = coordinate_round(moved, b, gram, moving);
    violation += static_cast<double>(sum_of_lanes<T>(met));
    while (moving.go_on()) coordinate_round(moved, b, gram, moving);
    transpose_out(moved, first, count, x);
  }
  return violation;
}

}  // namespace

template <class T>
RoundsKernel<T> rounds_of(RoundsFile<struct CoordinateRounds, MPINMF_LEVEL::Level>) {
  return coordinate_rounds<T>;
}
template RoundsKernel<float> rounds_of(RoundsFile<struct CoordinateRounds, MPINMF_LEVEL::Level>);
template RoundsKernel<double> rounds_of(RoundsFile<struct CoordinateRounds, MPINMF_LEVEL::Level>);

}  // namespace mpinmf
