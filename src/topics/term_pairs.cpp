#include "term_pairs.hpp"

#include <algorithm>
#include <cassert>

namespace mpinmf::topics {

TermPairs::TermPairs(const std::vector<std::vector<Index>>& topics) {
  for (const std::vector<Index>& topic : topics) features_.insert(features_.end(), topic.begin(), topic.end());
  std::sort(features_.begin(), features_.end());
  features_.erase(std::unique(features_.begin(), features_.end()), features_.end());
  const auto term_of = [&](Index feature) {
    return std::lower_bound(features_.begin(), features_.end(), feature) - features_.begin();
  };
  partners_.resize(features_.size());
  for (const std::vector<Index>& topic : topics) {
    std::vector<Index>& terms = topics_.emplace_back();
    for (const Index feature : topic) terms.push_back(term_of(feature));
    for (const Index a : terms) {
      for (const Index b : terms) {
        if (a != b) partners_[static_cast<std::size_t>(a)].push_back({b, -1});
      }
    }
  }
  for (std::size_t term = 0; term < partners_.size(); ++term) {
    std::vector<Partner>& partners = partners_[term];
    std::sort(partners.begin(), partners.end(), [](Partner a, Partner b) { return a.term < b.term; });
    const auto same = [](Partner a, Partner b) { return a.term == b.term; };
    partners.erase(std::unique(partners.begin(), partners.end(), same), partners.end());
    for (Partner& partner : partners) {
      // numbered where the smaller term stands first
      partner.pair =
          partner.term > static_cast<Index>(term) ? pairs_++ : pair(partner.term, static_cast<Index>(term));
    }
  }
}

Index TermPairs::pair(Index a, Index b) const {
  const std::span<const Partner> partners = this->partners(a);
  const auto found = std::lower_bound(partners.begin(), partners.end(), b,
                                      [](const Partner& partner, Index term) { return partner.term < term; });
  assert(found != partners.end() && found->term == b);
  return found->pair;
}

void PairCounts::sum(const Comm& comm) {
  units = comm.sum(units);
  comm.sum(std::span(terms));
  comm.sum(std::span(pairs));
}

}  // namespace mpinmf::topics
