// Which of a matrix's rows or columns are kept, in their order.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "mpinmf/matrix.hpp"

namespace mpinmf::io {

/// Numbers from 0 to all - 1, of which some are kept. A range takes no memory, anything else 2 bits a number.
class Subset {
 public:
  Subset() = default;
  /// first .. last - 1 are kept.
  Subset(Index all, Index first, Index last) : all_(all), first_(first), count_(last - first) {}
  explicit Subset(Index all) : Subset(all, 0, all) {}
  /// Bit i % 64 of word i / 64 says whether i is kept.
  Subset(Index all, std::vector<std::uint64_t> words);
  /// @pre kept: from 0 to all - 1, in any order
  static Subset of(Index all, std::span<const Index> kept);

  Index all() const { return all_; }
  Index count() const { return count_; }
  bool is_all() const { return count_ == all_; }

  /// The how-manieth of those that are kept; -1: it is not.
  Index place_of(Index number) const {
    if (words_.empty()) {
      const Index place = number - first_;
      return place >= 0 && place < count_ ? place : -1;
    }
    const std::uint64_t word = words_[static_cast<std::size_t>(number / 64)];
    const std::uint64_t bit = std::uint64_t{1} << (number % 64);
    if ((word & bit) == 0) return -1;
    return before_[static_cast<std::size_t>(number / 64)] + __builtin_popcountll(word & (bit - 1));
  }
  bool has(Index number) const { return place_of(number) >= 0; }
  /// @pre 0 <= place < count()
  Index number_at(Index place) const;
  std::vector<Index> numbers() const;

  double bytes() const { return 16.0 * static_cast<double>(words_.size()); }

 private:
  Index all_ = 0, first_ = 0, count_ = 0;
  std::vector<std::uint64_t> words_;  // empty: a range
  std::vector<Index> before_;         // how many are kept in the words before
};

}  // namespace mpinmf::io
