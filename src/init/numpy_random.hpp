// The random numbers of NumPy, bit by bit: default_rng(seed).random(), and the older seed() and randint().
#pragma once

#include <array>
#include <cstdint>
#include <pcg_random.hpp>
#include <vector>

#include "mpinmf/matrix.hpp"
#include "mpinmf/options.hpp"

namespace mpinmf {

/// NumPy's SeedSequence without spawn key (numpy/random/bit_generator.pyx; after M. E. O'Neill, "Developing a
/// seed_seq Alternative", 2015): spreads a seed of any size over a pool of 128 bits.
class SeedSequence {
 public:
  explicit SeedSequence(const Seed& seed);

  /// The first `count` of generate_state(n, uint64), for any n >= count.
  template <std::size_t count>
  std::array<std::uint64_t, count> generate_state() const {
    std::array<std::uint64_t, count> words{};
    std::uint32_t constant = first_output_constant;
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint64_t low = output_word(2 * i, constant);
      words[i] = std::uint64_t{output_word(2 * i + 1, constant)} << 32 | low;
    }
    return words;
  }

 private:
  static constexpr std::size_t pool_size = 4;
  static constexpr std::uint32_t first_output_constant = 0x8b51f9ddU;

  std::uint32_t output_word(std::size_t i, std::uint32_t& constant) const;

  std::array<std::uint32_t, pool_size> pool_{};
};

/// The numbers of numpy.random.default_rng(seed).random(), in their order, from any place on.
class NumpyUniform {
 public:
  explicit NumpyUniform(const Seed& seed);

  /// Passes over so many numbers in logarithmic time. @pre draws >= 0
  void skip(Index draws);
  /// The next number on [0, 1), a multiple of 2^-53.
  double next();

 private:
  pcg64 generator_;
};

/// numpy.random.seed(seed); numpy.random.randint(first, last + 1, size=count), on Linux. @pre first < last
std::vector<std::uint32_t> numpy_legacy_integers(std::uint32_t seed, std::uint32_t first, std::uint32_t last,
                                                 std::size_t count);

}  // namespace mpinmf
