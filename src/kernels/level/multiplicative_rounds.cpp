// Multiplicative updates over rows, as rounds.hpp moves them (rules/multiplicative.cpp).
#include "rounds.hpp"

namespace mpinmf {
namespace {

/// One multiplicative round: x_c <- x_c b_c / ((x G)_c + l1), all components from the same x.
template <class T>
void multiplicative_round(T* x, const T* b, T* aim, Block<const T> gram, const RoundSettings<T>& settings,
                          MovingRows<T>& moving) {
  const Pack<T> zero{}, least = zero + settings.least_positive, zero_below = zero + settings.zero_below;
  for_products(x, gram, [&](Index c, Packs<T>& below) {
    for (Index p = 0; p < packs_together<T>; ++p) {
      const Index at = c * rows_together<T> + p * lanes<T>;
      const Pack<T> denominator = below[p] + settings.l1, old = load(x + at);
      const Pack<T> quotient = denominator > zero ? load(b + at) / denominator : zero;
      Pack<T> moved = old * quotient;
      moved = ((old > zero) & (quotient > zero) & (moved < least)) ? least : moved;
      store(aim + at, moved < zero_below ? zero : moved);
    }
  });
  for (Index c = 0; c < gram.rows; ++c) {
    for (Index p = 0; p < packs_together<T>; ++p) {
      const Index at = c * rows_together<T> + p * lanes<T>;
      store(x + at, moving.step(p, load(x + at), load(aim + at)));
    }
  }
}

template <class T>
double multiplicative_rounds(const RowsWithState<T>& rows, Block<const T> gram, const RoundSettings<T>& settings,
                             T* scratch) {
  const Block<T> x = rows.x;
  const Index k = x.columns, size = k * rows_together<T>;
  T *moved = scratch, *b = moved + size, *aim = b + size;
  for (Index first = 0; first < x.rows; first += rows_together<T>) {
    const Index count = x.rows - first < rows_together<T> ? x.rows - first : rows_together<T>;
    transpose_in<T>({x.data, x.rows, k, x.stride}, first, count, moved);
    transpose_in(rows.numerator, first, count, b);
    MovingRows<T> moving(settings);
    do {
      multiplicative_round(moved, b, aim, gram, settings, moving);
    } while (moving.go_on());
    transpose_out(moved, first, count, x);
  }
  return 0;
}

}  // namespace

template <class T>
RoundsKernel<T> rounds_of(RoundsFile<struct MultiplicativeRounds, MPINMF_LEVEL::Level>) {
  return multiplicative_rounds<T>;
}
template RoundsKernel<float> rounds_of(RoundsFile<struct MultiplicativeRounds, MPINMF_LEVEL::Level>);
template RoundsKernel<double> rounds_of(RoundsFile<struct MultiplicativeRounds, MPINMF_LEVEL::Level>);

}  // namespace mpinmf
