// The entries of a sparse row put into the order of their columns.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

#include "mpinmf/data_matrix.hpp"

namespace mpinmf::text {

/// A bit for each column, and one for each 64 of these: faster than to sort, since what is compared cannot be
/// foretold. Some 4 bytes a column.
class RisingColumns {
 public:
  explicit RisingColumns(std::size_t columns)
      : counts_(columns), bits_(columns / 64 + 1), groups_(columns / 4096 + 1) {}

  void add(std::uint64_t column, std::uint32_t count) {
    counts_[column] = count;
    bits_[column / 64] |= std::uint64_t{1} << column % 64;
    groups_[column / 4096] |= std::uint64_t{1} << column / 64 % 64;
  }
  /// Calls take(column, count) for each that was added, and forgets it.
  template <class Take>
  void take_all(Take&& take) {
    for (std::size_t group = 0; group < groups_.size(); ++group) {
      for (std::uint64_t& words = groups_[group]; words != 0; words &= words - 1) {
        const std::size_t word = 64 * group + static_cast<std::size_t>(std::countr_zero(words));
        for (std::uint64_t& bits = bits_[word]; bits != 0; bits &= bits - 1) {
          const std::uint64_t column = 64 * word + static_cast<std::uint64_t>(std::countr_zero(bits));
          take(column, counts_[column]);
        }
      }
    }
  }

 private:
  std::vector<std::uint32_t> counts_;
  std::vector<std::uint64_t> bits_, groups_;
};

}  // namespace mpinmf::text
