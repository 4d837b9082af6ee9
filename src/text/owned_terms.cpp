#include "owned_terms.hpp"

#include <algorithm>
#include <numeric>

namespace mpinmf::text {

Index OwnedTerms::add(const Term& term, Index count, Index documents) {
  const std::uint32_t at = table_.insert(term);
  if (at == known_.size()) known_.push_back({next_++, 0, 0});
  known_[at].count += count;
  known_[at].documents += documents;
  return known_[at].number;
}

void OwnedTerms::prune() {
  if (most_ == 0 || static_cast<Index>(size()) <= most_) return;
  std::vector<std::uint32_t> order(size());
  std::iota(order.begin(), order.end(), std::uint32_t{0});
  const auto is_kept_before = [&](std::uint32_t a, std::uint32_t b) {
    if (known_[a].documents != known_[b].documents) return known_[a].documents > known_[b].documents;
    if (known_[a].count != known_[b].count) return known_[a].count > known_[b].count;
    return table_[a].text < table_[b].text;
  };
  std::nth_element(order.begin(), order.begin() + most_, order.end(), is_kept_before);
  dropped_ += static_cast<Index>(order.size()) - most_;
  order.resize(static_cast<std::size_t>(most_));
  TermTable table;
  std::vector<Known> known;
  for (const std::uint32_t at : order) {
    table.insert(table_[at]);
    known.push_back(known_[at]);
  }
  table_ = std::move(table);
  known_ = std::move(known);
}

}  // namespace mpinmf::text
