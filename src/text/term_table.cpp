#include "term_table.hpp"

#include <algorithm>
#include <cstring>

#include "mpinmf/error.hpp"
#include "term_hash.hpp"

namespace mpinmf::text {
namespace {

constexpr std::size_t first_slots = 1024, chunk_size = std::size_t{1} << 16;

}  // namespace

TermTable::TermTable() : slots_(first_slots, Slot{0, none}) {}

inline std::size_t TermTable::slot_of(const Term& term) const {
  const std::size_t mask = slots_.size() - 1;
  const auto tag = static_cast<std::uint32_t>(term.hash);
  // the owner of a term is told by the high half of its hash, so that the low half spreads on every rank
  for (std::size_t at = tag & mask;; at = (at + 1) & mask) {
    const Slot& slot = slots_[at];
    if (slot.number == none) return at;
    if (slot.tag != tag) continue;
    const Entry& entry = entries_[slot.number];
    if (entry.hash != term.hash || entry.length != term.text.size()) continue;
    if (entry.length <= longest_told_by_hash) return at;
    if (std::memcmp(entry.text, term.text.data(), entry.length) == 0) return at;
  }
}

std::uint32_t TermTable::insert(const Term& term) {
  std::size_t at = slot_of(term);
  if (slots_[at].number != none) return slots_[at].number;
  if (2 * (entries_.size() + 1) > slots_.size()) {
    grow();
    at = slot_of(term);
  }
  if (entries_.size() == none) {
    throw SystemError("more than 4 294 967 294 distinct terms on one rank: use more ranks, or --prune");
  }
  const std::uint32_t number = size();
  entries_.push_back({keep(term.text), term.hash, static_cast<std::uint32_t>(term.text.size())});
  slots_[at] = {static_cast<std::uint32_t>(term.hash), number};
  return number;
}

void TermTable::fetch_slot(const Term& term) const {
  __builtin_prefetch(&slots_[static_cast<std::uint32_t>(term.hash) & (slots_.size() - 1)]);
}

void TermTable::fetch_entry(const Term& term) const {
  const Slot& slot = slots_[static_cast<std::uint32_t>(term.hash) & (slots_.size() - 1)];
  __builtin_prefetch(entries_.data() + std::min<std::size_t>(slot.number, entries_.size()));  // no branch
}

void TermTable::insert(std::span<const Term> terms, std::vector<std::uint32_t>& numbers) {
  constexpr std::size_t at_once = 16;  // enough for memory to answer meanwhile, few enough for a cache
  numbers.resize(terms.size());
  for (std::size_t first = 0; first < terms.size(); first += at_once) {
    const std::span<const Term> some = terms.subspan(first, std::min(at_once, terms.size() - first));
    for (const Term& term : some) fetch_slot(term);
    for (const Term& term : some) fetch_entry(term);
    for (std::size_t i = 0; i < some.size(); ++i) numbers[first + i] = insert(some[i]);
  }
}

std::uint32_t TermTable::find(const Term& term) const {
  return slots_[slot_of(term)].number;
}

void TermTable::grow() {
  std::vector<Slot> larger(2 * slots_.size(), Slot{0, none});
  const std::size_t mask = larger.size() - 1;
  for (std::uint32_t number = 0; number < size(); ++number) {
    const auto tag = static_cast<std::uint32_t>(entries_[number].hash);
    std::size_t at = tag & mask;
    while (larger[at].number != none) at = (at + 1) & mask;
    larger[at] = {tag, number};
  }
  slots_ = std::move(larger);
}

const char* TermTable::keep(std::string_view text) {
  if (text.size() > room_ - used_) {
    room_ = std::max(chunk_size, text.size());
    used_ = 0;
    chunks_.push_back(std::make_unique_for_overwrite<char[]>(room_));
    chunk_bytes_ += static_cast<Index>(room_);
  }
  char* const kept = chunks_.back().get() + used_;
  if (!text.empty()) std::memcpy(kept, text.data(), text.size());
  used_ += text.size();
  return kept;
}

Index TermTable::bytes() const {
  return static_cast<Index>(slots_.size() * sizeof(Slot) + entries_.capacity() * sizeof(Entry)) + chunk_bytes_;
}

void TermTable::clear() {
  std::fill(slots_.begin(), slots_.end(), Slot{0, none});
  entries_.clear();
  chunks_.clear();
  used_ = room_ = 0;
  chunk_bytes_ = 0;
}

}  // namespace mpinmf::text
