// The alternating direction method of multipliers over rows, as rounds.hpp moves them: Huang, Sidiropoulos and
// Liavas, A flexible and efficient algorithmic framework for constrained matrix and tensor factorization, IEEE
// Trans. Signal Process. 64 (2016), algorithm 1. A row stops when its squared residuals, primal and dual, are
// below RoundSettings::least_share of its squared x and dual; `weight` is rho.
#include "rounds.hpp"

namespace mpinmf {
namespace {

/// Some rows in the scratch: component by component.
template <class T>
struct AdmmRows {
  T *x, *u, *b, *right;
};

/// One round for the rows that move: y = (b + rho (x + u)) (G + rho I)^-1, x <- max(0, y - u), u <- u + x - y.
/// Returns which are not at their end yet: |x - y|^2 > least |x|^2 or |change of x|^2 > least |u|^2
template <class T>
inline RowMasks<T> admm_round(const AdmmRows<T>& rows, Block<const T> inverse, const RoundSettings<T>& settings,
                              MovingRows<T>& moving) {
  const Index k = inverse.rows;
  for (Index at = 0; at < k * rows_together<T>; at += lanes<T>) {
    store(rows.right + at, load(rows.b + at) + (load(rows.x + at) + load(rows.u + at)) * settings.weight);
  }
  Packs<T> primal, dual, of_x, of_u;
  for_products<T>(rows.right, inverse, [&](Index c, Packs<T>& y) {
    for (Index p = 0; p < packs_together<T>; ++p) {
      const Index at = c * rows_together<T> + p * lanes<T>;
      const Pack<T> old = load(rows.x + at), u = load(rows.u + at), aim = y[p] - u;
      const Pack<T> x = moving.choose(p, old, positive_part(aim)), gap = x - y[p];
      const Pack<T> next_u = moving.choose(p, u, u + gap);
      store(rows.x + at, x);
      store(rows.u + at, next_u);
      primal[p] += gap * gap;
      dual[p] += (x - old) * (x - old);
      of_x[p] += x * x;
      of_u[p] += next_u * next_u;
    }
  });
  RowMasks<T> goes_on;
  for (Index p = 0; p < packs_together<T>; ++p) {
    goes_on[p] = (primal[p] > of_x[p] * settings.least_share) | (dual[p] > of_u[p] * settings.least_share);
  }
  return goes_on;
}

template <class T>
double admm_rounds(const RowsWithState<T>& rows, Block<const T> inverse, const RoundSettings<T>& settings,
                   T* scratch) {
  const Index k = rows.x.columns, size = k * rows_together<T>;
  const AdmmRows<T> moved{scratch, scratch + size, scratch + 2 * size, scratch + 3 * size};
  for (Index first = 0; first < rows.x.rows; first += rows_together<T>) {
    const Index count = rows.x.rows - first < rows_together<T> ? rows.x.rows - first : rows_together<T>;
    transpose_in<T>({rows.x.data, rows.x.rows, k, rows.x.stride}, first, count, moved.x);
    transpose_in<T>({rows.state.data, rows.x.rows, k, rows.state.stride}, first, count, moved.u);
    transpose_in(rows.numerator, first, count, moved.b);
    for (Index i = 0; i < size; ++i) moved.b[i] -= settings.l1;
    MovingRows<T> moving(settings);
    RowMasks<T> goes_on;
    do {
      goes_on = admm_round(moved, inverse, settings, moving);
    } while (moving.go_on(goes_on));
    transpose_out(moved.x, first, count, rows.x);
    transpose_out(moved.u, first, count, rows.state);
  }
  return 0;
}

}  // namespace

template <class T>
RoundsKernel<T> rounds_of(RoundsFile<struct AdmmRounds, MPINMF_LEVEL::Level>) {
  return admm_rounds<T>;
}
template RoundsKernel<float> rounds_of(RoundsFile<struct AdmmRounds, MPINMF_LEVEL::Level>);
template RoundsKernel<double> rounds_of(RoundsFile<struct AdmmRounds, MPINMF_LEVEL::Level>);

}  // namespace mpinmf
