// Logarithm and exponential of packs of doubles, to about one unit in the last place, and what they need.
#pragma once

#include "pack.hpp"

namespace mpinmf {
namespace {

using Doubles = Pack<double>;
using Bits __attribute__((vector_size(pack_bytes))) = std::int64_t;

inline Bits bits_of(Doubles x) {
  Bits bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  return bits;
}
inline Doubles doubles_of(Bits bits) {
  Doubles x;
  __builtin_memcpy(&x, &bits, sizeof x);
  return x;
}

/// True where any lane of a comparison is.
inline bool any(Bits mask) {
  std::int64_t together = 0;
  for (Index l = 0; l < lanes<double>; ++l) together |= mask[l];
  return together != 0;
}

/// lanes<double> numbers from memory, as doubles, and back.
inline Doubles load_doubles(const double* from) {
  return load(from);
}
inline Doubles load_doubles(const float* from) {
  using Half __attribute__((vector_size(pack_bytes / 2))) = float;
  Half half;
  __builtin_memcpy(&half, from, sizeof half);
  return __builtin_convertvector(half, Doubles);
}
inline void store_doubles(double* to, Doubles x) {
  store(to, x);
}
inline void store_doubles(float* to, Doubles x) {
  using Half __attribute__((vector_size(pack_bytes / 2))) = float;
  const Half half = __builtin_convertvector(x, Half);
  __builtin_memcpy(to, &half, sizeof half);
}

constexpr int mantissa_bits = 52;
constexpr std::int64_t mantissa_mask = (std::int64_t{1} << mantissa_bits) - 1;
constexpr std::int64_t exponent_bias = 1023;
/// 1.5 * 2^52: a whole number that is added to it can be read from the low bits of the sum, and back.
constexpr double integer_shift = 6755399441055744.0;
constexpr std::int64_t integer_shift_bits = 0x4338000000000000;
constexpr double log2_high = 6.93147180369123816490e-01, log2_low = 1.90821492927058770002e-10;

/// log x for normal x > 0; the coefficients are those of fdlibm's e_log.c.
/// x = 2^e (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)],  s = f / (2 + f),  log(1 + f) = f - f^2/2 + s (f^2/2 +
/// R(s^2))
inline Doubles log_of(Doubles x) {
  const Bits bits = bits_of(x);
  Bits exponent = (bits >> mantissa_bits) - exponent_bias;
  Doubles m = doubles_of((bits & mantissa_mask) | (exponent_bias << mantissa_bits));
  const Bits is_large = m > 1.4142135623730951;
  m = is_large ? 0.5 * m : m;
  exponent -= is_large;  // a true lane is -1
  const Doubles e = doubles_of(exponent + integer_shift_bits) - integer_shift;

  const Doubles f = m - 1.0, s = f / (2.0 + f), z = s * s, w = z * z;
  const Doubles even =
      w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01));
  const Doubles odd =
      z * (6.666666666666735130e-01 +
           w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01)));
  const Doubles half_square = 0.5 * f * f;
  return e * log2_high - ((half_square - (s * (half_square + even + odd) + e * log2_low)) - f);
}

/// exp x = 2^n (1 + rest).
struct ExpParts {
  Doubles rest;
  Bits n_bits;  ///< n, in place as an exponent
};

/// For x cut to where exp x is a normal number; the coefficients are those of fdlibm's e_exp.c.
/// x = n log 2 + r,  c = r - r^2 P(r^2),  exp r - 1 = r + r c / (2 - c)
inline ExpParts exp_parts(Doubles x) {
  constexpr double least = -708, greatest = 709;
  const Doubles lower = Doubles{} + least, upper = Doubles{} + greatest;
  x = x < lower ? lower : x;
  x = x > upper ? upper : x;
  const Doubles shifted = x * 1.44269504088896338700 + integer_shift;
  const Doubles n = shifted - integer_shift;
  const Doubles r = (x - n * log2_high) - n * log2_low, z = r * r;
  const Doubles c = r - z * (1.66666666666666019037e-01 +
                             z * (-2.77777777770155933842e-03 +
                                  z * (6.61375632143793436117e-05 +
                                       z * (-1.65339022054652515390e-06 + z * 4.13813679705723846039e-08))));
  return {r * c / (2.0 - c) + r, (bits_of(shifted) - integer_shift_bits) << mantissa_bits};
}

inline Doubles exp_of(Doubles x) {
  const ExpParts parts = exp_parts(x);
  return doubles_of(bits_of(1.0 + parts.rest) + parts.n_bits);
}

/// (exp x - 1) / x for x <= 0, and 1 for x = 0: 2^n rest + (2^n - 1), where neither
/// term swallows the other.
inline Doubles growth_of(Doubles x) {
  const ExpParts parts = exp_parts(x);
  const Doubles power = doubles_of(bits_of(Doubles{} + 1.0) + parts.n_bits);
  return x < 0.0 ? (power * parts.rest + (power - 1.0)) / x : Doubles{} + 1.0;
}

}  // namespace
}  // namespace mpinmf
