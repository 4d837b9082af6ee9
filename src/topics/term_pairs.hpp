// The pairs of terms that measures of coherence count.
#pragma once

#include <span>
#include <vector>

#include "mpinmf/comm.hpp"
#include "mpinmf/matrix.hpp"

namespace mpinmf::topics {

/// The terms of all topics, each once and numbered by ascending feature, and the pairs that share a topic.
class TermPairs {
 public:
  /// topics[c] names the features of a topic, the best first, none twice.
  explicit TermPairs(const std::vector<std::vector<Index>>& topics);

  static constexpr Index no_term = -1;

  /// The features of the terms, ascending.
  const std::vector<Index>& features() const { return features_; }
  Index terms() const { return static_cast<Index>(features_.size()); }
  Index pairs() const { return pairs_; }
  /// The terms of each topic, in its order.
  const std::vector<std::vector<Index>>& topics() const { return topics_; }

  struct Partner {
    Index term, pair;
  };
  /// The terms that share a topic with this one, ascending, and what number the pair has.
  std::span<const Partner> partners(Index term) const { return partners_[static_cast<std::size_t>(term)]; }
  /// @pre a and b are different and share a topic
  Index pair(Index a, Index b) const;

 private:
  std::vector<Index> features_;
  std::vector<std::vector<Index>> topics_;
  std::vector<std::vector<Partner>> partners_;
  Index pairs_ = 0;
};

/// In how many units (documents, or places of a window) there are a term, and both terms of a pair.
struct PairCounts {
  explicit PairCounts(const TermPairs& of)
      : terms(static_cast<std::size_t>(of.terms())), pairs(static_cast<std::size_t>(of.pairs())) {}

  Index units = 0;
  std::vector<Index> terms, pairs;

  /// Over the ranks. Collective.
  void sum(const Comm& comm);
};

}  // namespace mpinmf::topics
