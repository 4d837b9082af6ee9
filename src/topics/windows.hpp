// A window that slides over texts, token by token.
#pragma once

#include <vector>

#include "term_pairs.hpp"

namespace mpinmf::topics {

/// Counts as gensim's WordOccurrenceAccumulator does (gensim 4.2, topic_coherence/text_analysis.py): each place of
/// the window is a unit; a text shorter than the window is one. A term leaves the window with its first occurrence
/// there, even if there is another: that is gensim's doing, and figures are to agree. A text without tokens is no
/// unit (gensim fails on it).
class SlidingWindow {
 public:
  /// @pre pairs outlives it
  SlidingWindow(const TermPairs& pairs, Index width);

  /// The next token of the text: a term, or TermPairs::no_term.
  void add(Index term);
  void end_text();
  PairCounts& counts() { return counts_; }

 private:
  static constexpr Index outside = -1;

  void leave(Index term, Index place);

  const TermPairs& pairs_;
  Index width_;
  PairCounts counts_;
  Index tokens_ = 0;            // of this text so far
  std::vector<Index> last_;     // `width` tokens, in turn
  std::vector<Index> entered_;  // the place of the window at which each term came in, or outside
};

}  // namespace mpinmf::topics
