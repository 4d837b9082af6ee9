// Entry by entry, what Kullback-Leibler puts in place of V.
#pragma once

#include "entries.hpp"
#include "kernels/vector_kernels.hpp"

namespace mpinmf {
namespace {

/// v / x and v / x^2 up to a bound; 0 where x = 0.
template <class P>
struct QuotientPair {
  P first, second;
};
template <bool has_seconds, class P, class T>
inline QuotientPair<P> quotients_of(P v, P x, T largest) {
  const P zero{}, bound = zero + largest;
  const auto bounded = [&](P q) { return x > zero ? (q < bound ? q : bound) : zero; };
  if constexpr (has_seconds) {
    const P inverse = inverse_of(x), first = v * inverse, cut = first < bound ? first : bound;
    return {bounded(first), bounded(cut * inverse)};
  } else {
    return {bounded(ratio(v, x)), zero};
  }
}

template <class T, bool has_seconds>
inline void divide_by_model(const ModelledEntries<T>& entries, Index ahead, T largest) {
  const T* const v = entries.v;
  T *const model = entries.model, *const seconds = entries.seconds;
  const Index count = entries.count;
  constexpr Index line = line_bytes / static_cast<Index>(sizeof(T));
  Index q = 0;
  const auto divide_until = [&](Index last) __attribute__((always_inline)) {
    for (; q + lanes<T> <= last; q += lanes<T>) {
      const auto quotients = quotients_of<has_seconds>(load(v + q), load(model + q), largest);
      store(model + q, quotients.first);
      if constexpr (has_seconds) store(seconds + q, quotients.second);
    }
  };
  while (ahead != 0 && q + line <= count) {
    fetch_far(address_at(v, q + ahead));
    divide_until(q + line);
  }
  divide_until(count);
  for (; q < count; ++q) {
    const T x = model[q], quotient = v[q] / x < largest ? v[q] / x : largest;
    model[q] = !(x > 0) ? T(0) : quotient;
    if constexpr (has_seconds) seconds[q] = !(x > 0) ? T(0) : quotient / x < largest ? quotient / x : largest;
  }
}

template <class T>
void quotients(const ModelledEntries<T>& entries, Index ahead, T largest, EntryCost* cost) {
  if (cost != nullptr) add_cost(KullbackLeiblerTerm{}, entries.v, entries.model, entries.count, *cost);
  entries.seconds == nullptr ? divide_by_model<T, false>(entries, ahead, largest)
                             : divide_by_model<T, true>(entries, ahead, largest);
}

}  // namespace
}  // namespace mpinmf
