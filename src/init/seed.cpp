// Seeds of any size: what a user may type, and the 64-bit key that counter-based laws use.
#include <fmt/format.h>

#include <string_view>

#include "mpinmf/error.hpp"
#include "mpinmf/options.hpp"
#include "numpy_random.hpp"

namespace mpinmf {
namespace {

constexpr int word_bits = 32;
// Bits of the largest seed. SeedSequence would take more; no one needs more, and a typing error should not cost
// gigabytes.
constexpr std::size_t greatest_exponent = 100000;
constexpr std::size_t greatest_words = greatest_exponent / word_bits + 1;

[[noreturn]] void reject(const std::string& text, const std::string& reason) {
  const std::string shown = text.size() > 60 ? text.substr(0, 57) + "..." : text;
  throw UsageError(
      fmt::format("seed '{}' {}: give a non-negative integer as decimal (12345, 12e3), hexadecimal (0x3039) or "
                  "power of two (2**1000)",
                  shown, reason));
}

/// words <- words * factor + digit
void append_digit(std::vector<std::uint32_t>& words, std::uint32_t factor, std::uint32_t digit) {
  std::uint64_t carry = digit;
  for (std::uint32_t& word : words) {
    carry += std::uint64_t{word} * factor;
    word = static_cast<std::uint32_t>(carry);
    carry >>= word_bits;
  }
  if (carry != 0) words.push_back(static_cast<std::uint32_t>(carry));
}

/// The value of the digit in a base up to 16, or the base if it is none.
std::uint32_t digit_value(char c, std::uint32_t base) {
  std::uint32_t value = base;
  if (c >= '0' && c <= '9') value = static_cast<std::uint32_t>(c - '0');
  if (c >= 'a' && c <= 'f') value = static_cast<std::uint32_t>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') value = static_cast<std::uint32_t>(c - 'A') + 10;
  return value < base ? value : base;
}

std::vector<std::uint32_t> parse_digits(const std::string& text, std::string_view digits, std::uint32_t base) {
  if (digits.empty()) reject(text, "has no digits");
  std::vector<std::uint32_t> words = {0};
  for (char c : digits) {
    const std::uint32_t value = digit_value(c, base);
    if (value == base) reject(text, "is not a seed");
    append_digit(words, base, value);
    if (words.size() > greatest_words) {
      reject(text, fmt::format("has more than {} bits", greatest_exponent));
    }
  }
  return words;
}

/// "12" or, for 12 and six zeros, "12e6".
std::vector<std::uint32_t> parse_decimal(const std::string& text, std::string_view digits) {
  const std::size_t e = digits.find_first_of("eE");
  std::vector<std::uint32_t> words = parse_digits(text, digits.substr(0, e), 10);
  if (e == std::string_view::npos) return words;
  const std::vector<std::uint32_t> exponent = parse_digits(text, digits.substr(e + 1), 10);
  const bool fits = exponent.size() == 1 && exponent[0] <= greatest_exponent;
  for (std::uint32_t zeros = fits ? exponent[0] : 0; zeros > 0 && words.size() <= greatest_words; --zeros) {
    append_digit(words, 10, 0);
  }
  if (!fits || words.size() > greatest_words)
    reject(text, fmt::format("has more than {} bits", greatest_exponent));
  return words;
}

std::vector<std::uint32_t> power_of_two(const std::string& text, std::string_view digits) {
  const std::vector<std::uint32_t> exponent = parse_digits(text, digits, 10);
  if (exponent.size() > 1 || exponent[0] > greatest_exponent) {
    reject(text, fmt::format("has an exponent above {}", greatest_exponent));
  }
  std::vector<std::uint32_t> words(exponent[0] / word_bits + 1, 0);
  words.back() = std::uint32_t{1} << exponent[0] % word_bits;
  return words;
}

}  // namespace

Seed::Seed(std::uint64_t value) : words_{static_cast<std::uint32_t>(value)} {
  if (value >> word_bits != 0) words_.push_back(static_cast<std::uint32_t>(value >> word_bits));
}

Seed Seed::parse(const std::string& text) {
  const std::string_view view = text;
  Seed seed;
  if (view.empty()) reject(text, "is empty");
  if (view[0] == '-') reject(text, "is negative");
  if (view.substr(0, 2) == "0x" || view.substr(0, 2) == "0X") {
    seed.words_ = parse_digits(text, view.substr(2), 16);
  } else if (view.substr(0, 3) == "2**") {
    seed.words_ = power_of_two(text, view.substr(3));
  } else {
    seed.words_ = parse_decimal(text, view);
  }
  return seed;
}

std::string Seed::text() const {
  if (words_.size() <= 2) return fmt::format("{}", key());
  std::string hex = fmt::format("0x{:x}", words_.back());
  for (std::size_t i = words_.size() - 1; i-- > 0;) hex += fmt::format("{:08x}", words_[i]);
  return hex;
}

Seed Seed::plus(std::uint32_t steps) const {
  Seed sum = *this;
  append_digit(sum.words_, 1, steps);
  return sum;
}

std::uint64_t Seed::key() const {
  if (words_.size() > 2) return SeedSequence(*this).generate_state<1>()[0];
  const std::uint64_t high = words_.size() == 2 ? words_[1] : 0;
  return high << word_bits | words_[0];
}

}  // namespace mpinmf
