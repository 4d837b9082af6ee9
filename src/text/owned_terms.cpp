#include "owned_terms.hpp"

#include <algorithm>
#include <numeric>

namespace mpinmf::text {

std::vector<Index> OwnedTerms::add(std::span<const Term> terms, std::span<const TermNews> news) {
  std::vector<std::uint32_t> places;
  table_.insert(terms, places);
  const std::size_t before = known_.size();
  known_.resize(table_.size());
  for (std::size_t at = before; at < known_.size(); ++at) known_[at] = {next_++, 0, 0};
  std::vector<Index> numbers(terms.size());
  for (std::size_t i = 0; i < terms.size(); ++i) {
    Known& known = known_[places[i]];
    known.count += news[i].count;
    known.documents += news[i].documents;
    numbers[i] = known.number;
  }
  return numbers;
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
