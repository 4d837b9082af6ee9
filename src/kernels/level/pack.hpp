// A pack is one vector register. Compiler vector extensions, so that one source serves every processor.
#pragma once

#include <cstdint>
#include <type_traits>
#if defined(__AVX512F__)
#include <immintrin.h>
#endif

namespace mpinmf {
namespace {

using Index = std::int64_t;

// Wider vectors than the processor's are split through memory, so a pack is exactly one register. Tests ask for
// the sizes of AVX-512 on any machine.
#if defined(MPINMF_PACK_BYTES)
constexpr Index pack_bytes = MPINMF_PACK_BYTES;
constexpr int registers = MPINMF_REGISTERS;
#elif defined(__AVX512F__)
constexpr Index pack_bytes = 64;
constexpr int registers = 32;
#elif defined(__AVX__)
constexpr Index pack_bytes = 32;
constexpr int registers = 16;
#elif defined(__aarch64__)
constexpr Index pack_bytes = 16;
constexpr int registers = 32;
#else
constexpr Index pack_bytes = 16;
constexpr int registers = 16;
#endif

constexpr Index line_bytes = 64;

template <class T>
using Pack __attribute__((vector_size(pack_bytes))) = T;

template <class T>
constexpr Index lanes = pack_bytes / static_cast<Index>(sizeof(T));

/// Packs that hold `columns` numbers.
template <class T>
constexpr Index packs_of(Index columns) {
  return (columns + lanes<T> - 1) / lanes<T>;
}

/// A pack anywhere in memory. Read and written as what it is: as copies of bytes, packs would pass through the
/// stack. Not a template like Pack: Clang forgets the alignment of one that depends on T.
using UnalignedFloats __attribute__((vector_size(pack_bytes), aligned(alignof(float)), may_alias)) = float;
using UnalignedDoubles __attribute__((vector_size(pack_bytes), aligned(alignof(double)), may_alias)) = double;
template <class T>
struct Unaligned;
template <>
struct Unaligned<float> {
  using Vector = UnalignedFloats;
};
template <>
struct Unaligned<double> {
  using Vector = UnalignedDoubles;
};
template <class T>
using UnalignedPack = typename Unaligned<T>::Vector;

template <class T>
inline Pack<T> load(const T* from) {
  return *reinterpret_cast<const UnalignedPack<T>*>(from);
}

template <class P, class T>
inline void store(T* to, P pack) {
  static_assert(sizeof pack == pack_bytes);
  *reinterpret_cast<UnalignedPack<T>*>(to) = pack;
}

/// Sum of the numbers of a vector of `bytes` bytes: the upper half is added to the lower one until two are left.
template <class T, Index bytes, class Vector>
inline T sum_by_halves(const Vector& vector) {
  if constexpr (bytes == 2 * sizeof(T)) {
    return vector[0] + vector[1];
  } else {
    using Half __attribute__((vector_size(bytes / 2))) = T;
    Half halves[2];
    __builtin_memcpy(halves, &vector, sizeof halves);
    return sum_by_halves<T, bytes / 2>(Half(halves[0] + halves[1]));
  }
}

template <class T>
inline T sum_of_lanes(Pack<T> pack) {
  return sum_by_halves<T, pack_bytes>(pack);
}

/// 1 / x and v / x, to one unit in the last place, for normal x > 0 up to 2^1021; what leaves the range of numbers
/// may be no number.
template <class P>
inline P inverse_of(P x) {
  return 1 / x;
}
template <class P>
inline P ratio(P v, P x) {
  return v / x;
}
#if defined(__AVX512F__)
// Newton steps from 14 bits to 28 and 56 take half the time of a division.
using WideDoubles __attribute__((vector_size(64))) = double;
template <>
inline WideDoubles inverse_of(WideDoubles x) {
  WideDoubles inverse = _mm512_maskz_rcp14_pd(0xFF, x);
  inverse += inverse * (1.0 - x * inverse);
  return inverse + inverse * (1.0 - x * inverse);
}
template <>
inline WideDoubles ratio(WideDoubles v, WideDoubles x) {
  const WideDoubles inverse = inverse_of(x), quotient = v * inverse;
  return quotient + inverse * (v - x * quotient);
}
#endif

/// Lane l of the result is lane places[l] of x, or lane places[l] - n of y, where n is the number of lanes.
template <int... places, class P>
inline P shuffled(P x, P y) {
#if defined(__clang__)
  return __builtin_shufflevector(x, y, places...);
#else
  using Lane = std::conditional_t<sizeof(x[0]) == 4, std::int32_t, std::int64_t>;
  using Lanes __attribute__((vector_size(sizeof(P)))) = Lane;
  return __builtin_shuffle(x, y, Lanes{places...});
#endif
}

/// Asks for the line of memory that holds `address`, which need not exist. Near: into the first-level cache.
inline void fetch_near(const void* address) {
  __builtin_prefetch(address, 0, 3);
}
inline void fetch_far(const void* address) {
  __builtin_prefetch(address, 0, 2);
}

/// `from` + count elements, as an address that is never read from.
template <class T>
inline const void* address_at(const T* from, Index count) {
  return reinterpret_cast<const void*>(reinterpret_cast<std::uintptr_t>(from) +
                                       static_cast<std::uintptr_t>(count) * sizeof(T));
}

}  // namespace
}  // namespace mpinmf
