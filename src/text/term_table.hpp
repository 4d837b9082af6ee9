// A set of terms, numbered from 0 in the order in which they came.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "mpinmf/matrix.hpp"
#include "term.hpp"

namespace mpinmf::text {

/// Open addressing with linear probing over slots of 8 bytes; the texts lie in chunks and never move.
class TermTable {
 public:
  static constexpr std::uint32_t none = ~std::uint32_t{0};

  TermTable();
  TermTable(TermTable&&) = default;
  TermTable& operator=(TermTable&&) = default;

  /// The number of the term, a new one (the size before) where it was not there. Throws SystemError for more than
  /// 2^32 - 2 terms.
  std::uint32_t insert(const Term& term);
  /// The same for several terms: faster, since memory is asked for ahead.
  void insert(std::span<const Term> terms, std::vector<std::uint32_t>& numbers);
  /// Its number, or none.
  std::uint32_t find(const Term& term) const;
  Term operator[](std::uint32_t number) const {
    const Entry& entry = entries_[number];
    return {{entry.text, entry.length}, entry.hash};
  }
  std::uint32_t size() const { return static_cast<std::uint32_t>(entries_.size()); }
  /// What it holds in memory.
  Index bytes() const;
  /// Forgets the terms but keeps room for as many.
  void clear();

 private:
  struct Slot {
    std::uint32_t tag, number;  // the low half of the hash; none: free
  };
  struct Entry {
    const char* text;
    std::uint64_t hash;
    std::uint32_t length;
  };
  /// Where the term is or would go.
  std::size_t slot_of(const Term& term) const;
  /// Asks for what the look-up of a term needs: first its slot, then what the slot names.
  void fetch_slot(const Term& term) const;
  void fetch_entry(const Term& term) const;
  void grow();
  const char* keep(std::string_view text);

  std::vector<Slot> slots_;  // a power of two, half of them free at least
  std::vector<Entry> entries_;
  std::vector<std::unique_ptr<char[]>> chunks_;
  std::size_t used_ = 0, room_ = 0;  // of the last chunk
  Index chunk_bytes_ = 0;            // of all
};

}  // namespace mpinmf::text
