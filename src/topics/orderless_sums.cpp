#include "orderless_sums.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

namespace mpinmf::topics {

OrderlessSums::OrderlessSums(std::size_t sums, Index addends, double largest) : high_(sums), low_(sums) {
  constexpr int bits_of_sum = 62;  // below the sign, one to spare
  bits_ = bits_of_sum - static_cast<int>(std::bit_width(static_cast<std::uint64_t>(std::max<Index>(addends, 1))));
  std::frexp(largest, &exponent_);  // largest < 2^exponent
}

void OrderlessSums::add(std::size_t sum, double value) {
  const double scaled = std::ldexp(value, bits_ - exponent_), high = std::floor(scaled);
  high_[sum] += static_cast<Index>(high);
  low_[sum] += static_cast<Index>(std::ldexp(scaled - high, bits_));
}

std::vector<double> OrderlessSums::total(const Comm& comm) {
  comm.sum(std::span(high_));
  comm.sum(std::span(low_));
  std::vector<double> total(high_.size());
  for (std::size_t s = 0; s < total.size(); ++s) {
    total[s] = std::ldexp(static_cast<double>(high_[s]), exponent_ - bits_) +
               std::ldexp(static_cast<double>(low_[s]), exponent_ - 2 * bits_);
  }
  return total;
}

}  // namespace mpinmf::topics
