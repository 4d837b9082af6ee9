// The terms of a corpus that one rank keeps for all ranks.
#pragma once

#include <vector>

#include "term_table.hpp"

namespace mpinmf::text {

/// The rank that owns a term, told by its hash.
inline int owner_of(std::uint64_t hash, int ranks) {
  return static_cast<int>(((hash >> 32) * static_cast<std::uint64_t>(ranks)) >> 32);
}

/// What travels of a term beside its text.
struct TermNews {
  std::uint32_t length, documents;
  Index count;
};

/// Some 70 bytes and its text for each distinct term.
class OwnedTerms {
 public:
  /// What is known of a term.
  struct Known {
    Index number;  ///< given once; one that was dropped and comes again has another
    Index count, documents;
  };

  /// Keeps no more than `most` terms (0: all), see prune().
  explicit OwnedTerms(Index most) : most_(most) {}

  /// Adds to what is known of the terms. Returns their numbers. Throws SystemError.
  std::vector<Index> add(std::span<const Term> terms, std::span<const TermNews> news);
  /// Drops those in the fewest documents (then those that occur least, then the last in term order) until no more
  /// than `most` are left.
  void prune();

  std::uint32_t size() const { return table_.size(); }
  Term term(std::uint32_t at) const { return table_[at]; }
  const Known& known(std::uint32_t at) const { return known_[at]; }
  /// How many terms were dropped so far, each time counted.
  Index dropped() const { return dropped_; }
  Index bytes() const { return table_.bytes() + static_cast<Index>(known_.capacity() * sizeof(Known)); }

 private:
  Index most_, next_ = 0, dropped_ = 0;
  TermTable table_;
  std::vector<Known> known_;
};

}  // namespace mpinmf::text
