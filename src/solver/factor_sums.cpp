#include "factor_sums.hpp"

#include <algorithm>

namespace mpinmf {

void FactorSums::clear() const {
  std::fill(numbers_.begin(), numbers_.end(), 0.0);
}

void FactorSums::add(const FactorSums& other) const {
  for (std::size_t i = 0; i < numbers_.size(); ++i) numbers_[i] += other.numbers_[i];
}

}  // namespace mpinmf
