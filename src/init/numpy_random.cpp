#include "numpy_random.hpp"

#include <bit>
#include <cassert>
#include <random>

#include "kernels/philox.hpp"

namespace mpinmf {
namespace {

constexpr int half_word = 16;

// The constants of numpy/random/bit_generator.pyx: INIT_A, MULT_A, MULT_B, MIX_MULT_L, MIX_MULT_R.
constexpr std::uint32_t first_input_constant = 0x43b0d7e5U;
constexpr std::uint32_t input_factor = 0x931e8875U, output_factor = 0x58f38dedU;
constexpr std::uint32_t mix_left = 0xca01f9ddU, mix_right = 0x4973f715U;

std::uint32_t hash(std::uint32_t value, std::uint32_t& constant, std::uint32_t factor) {
  value ^= constant;
  constant *= factor;
  value *= constant;
  return value ^ value >> half_word;
}

std::uint32_t mix(std::uint32_t x, std::uint32_t y) {
  const std::uint32_t result = mix_left * x - mix_right * y;
  return result ^ result >> half_word;
}

using pcg_extras::pcg128_t;

pcg128_t join(std::uint64_t high, std::uint64_t low) {
  return PCG_128BIT_CONSTANT(high, low);
}

/// As numpy's pcg64_set_seed: words 0 and 1 are the state, 2 and 3 the stream, the high one first.
pcg64 numpy_generator(const Seed& seed) {
  const auto words = SeedSequence(seed).generate_state<4>();
  return pcg64(join(words[0], words[1]), join(words[2], words[3]));
}

}  // namespace

SeedSequence::SeedSequence(const Seed& seed) {
  const std::vector<std::uint32_t>& words = seed.words();
  std::uint32_t constant = first_input_constant;
  auto hash_in = [&](std::uint32_t value) { return hash(value, constant, input_factor); };
  for (std::size_t i = 0; i < pool_size; ++i) pool_[i] = hash_in(i < words.size() ? words[i] : 0);
  for (std::size_t from = 0; from < pool_size; ++from) {
    for (std::size_t to = 0; to < pool_size; ++to) {
      if (from != to) pool_[to] = mix(pool_[to], hash_in(pool_[from]));
    }
  }
  for (std::size_t i = pool_size; i < words.size(); ++i) {
    for (std::uint32_t& word : pool_) word = mix(word, hash_in(words[i]));
  }
}

std::uint32_t SeedSequence::output_word(std::size_t i, std::uint32_t& constant) const {
  return hash(pool_[i % pool_size], constant, output_factor);
}

NumpyUniform::NumpyUniform(const Seed& seed) : generator_(numpy_generator(seed)) {}

void NumpyUniform::skip(Index draws) {
  assert(draws >= 0);
  generator_.advance(static_cast<std::uint64_t>(draws));
}

double NumpyUniform::next() {
  return unit_interval(generator_());
}

std::vector<std::uint32_t> numpy_legacy_integers(std::uint32_t seed, std::uint32_t first, std::uint32_t last,
                                                 std::size_t count) {
  assert(first < last);
  const std::uint32_t most = last - first;
  const std::uint32_t mask = ~std::uint32_t{0} >> std::countl_zero(most);
  std::mt19937 generator(seed);  // seeded as NumPy's (mt19937_seed)
  std::vector<std::uint32_t> numbers(count);
  for (std::uint32_t& number : numbers) {
    // the bits that `most` has, anew while they are above it (random_bounded_uint64_fill with use_masked)
    std::uint32_t drawn = 0;
    do {
      drawn = static_cast<std::uint32_t>(generator()) & mask;
    } while (drawn > most);
    number = first + drawn;
  }
  return numbers;
}

}  // namespace mpinmf
