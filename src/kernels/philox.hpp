// Random numbers that are a pure function of where they are used, so that any rank makes any of them.
#pragma once

#include <Random123/philox.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>

#include "mpinmf/matrix.hpp"

namespace mpinmf {

/// What numbers are drawn for. Two purposes never share a number.
enum class Stream : std::uint64_t {
  start_w,
  start_h,
  lowrank_w,
  lowrank_h,
  lowrank_noise,
  counts_row,
  counts_token,
  counts_topic,
  svd_test,
  nndsvd_w,
  nndsvd_h,
  revival,
  made_up_posts,
  perturbation,
  k_means,
  connectivity_rows,
  holdout,
};

/// Numbers that one counter gives.
inline constexpr Index numbers_at_once = 4;

/// 256 random bits of (key, stream, i, j): Philox 4x64-10 (Salmon, Moraes, Dror and Shaw, SC 2011).
inline std::array<std::uint64_t, 4> random_words(std::uint64_t key, Stream stream, Index i, Index j) {
  const r123::Philox4x64::ctr_type counter = {
      {static_cast<std::uint64_t>(i), static_cast<std::uint64_t>(j), std::uint64_t{0}, std::uint64_t{0}}};
  const r123::Philox4x64::key_type keys = {{key, static_cast<std::uint64_t>(stream)}};
  const auto words = r123::Philox4x64()(counter, keys);
  return {words[0], words[1], words[2], words[3]};
}

/// A multiple of 2^-53 on [0, 1).
inline double unit_interval(std::uint64_t word) {
  return static_cast<double>(word >> 11) * 0x1.0p-53;
}

/// Four independent numbers, uniform on [0, 1).
inline std::array<double, numbers_at_once> uniforms(const std::array<std::uint64_t, 4>& words) {
  return {unit_interval(words[0]), unit_interval(words[1]), unit_interval(words[2]), unit_interval(words[3])};
}

/// Four independent numbers of the standard normal law (Box and Muller 1958).
inline std::array<double, numbers_at_once> normals(const std::array<std::uint64_t, 4>& words) {
  std::array<double, numbers_at_once> result;
  for (std::size_t pair = 0; pair < 4; pair += 2) {
    // 1 - u is on (0, 1]: its logarithm is finite
    const double radius = std::sqrt(-2 * std::log(1 - unit_interval(words[pair])));
    const double angle = 2 * std::numbers::pi * unit_interval(words[pair + 1]);
    result[pair] = radius * std::cos(angle);
    result[pair + 1] = radius * std::sin(angle);
  }
  return result;
}

}  // namespace mpinmf
