// A set of terms that most others are tried against.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "term_hash.hpp"
#include "term_table.hpp"

namespace mpinmf::text {

/// Whether a token is a stop word is hard to foretell, so that it is told without a branch: nearly every term has
/// a slot of its own. Terms of slots with several, or with one that its hash does not tell, are looked up.
class TermFilter {
 public:
  explicit TermFilter(const std::vector<std::string>& texts) : slots_(std::size_t{1} << slot_bits) {
    for (const std::string& text : texts) add({text, term_hash(text)});
  }
  bool has(const Term& term) const {
    const Slot& slot = slots_[term.hash >> (64 - slot_bits)];
    if (slot.is_shared) [[unlikely]]
      return terms_.find(term) != TermTable::none;
    return static_cast<int>(slot.hash == term.hash) & static_cast<int>(slot.length == term.text.size());
  }

 private:
  static constexpr int slot_bits = 12;
  static constexpr std::uint32_t no_term = ~std::uint32_t{0};
  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t length = no_term;
    bool is_shared = false;
  };
  void add(const Term& term) {
    if (terms_.find(term) != TermTable::none) return;
    terms_.insert(term);
    Slot& slot = slots_[term.hash >> (64 - slot_bits)];
    slot.is_shared = slot.is_shared || slot.length != no_term || term.text.size() > longest_told_by_hash;
    slot.hash = term.hash;
    slot.length = static_cast<std::uint32_t>(term.text.size());
  }

  TermTable terms_;
  std::vector<Slot> slots_;  // by the high bits of the hash
};

}  // namespace mpinmf::text
