#include "windows.hpp"

#include <algorithm>

namespace mpinmf::topics {

SlidingWindow::SlidingWindow(const TermPairs& pairs, Index width)
    : pairs_(pairs),
      width_(width),
      counts_(pairs),
      last_(static_cast<std::size_t>(width), TermPairs::no_term),
      entered_(static_cast<std::size_t>(pairs.terms()), outside) {}

void SlidingWindow::add(Index term) {
  Index& slot = last_[static_cast<std::size_t>(tokens_ % width_)];
  const Index place = std::max<Index>(0, tokens_ - width_ + 1);
  if (tokens_ >= width_) leave(slot, place);
  slot = term;
  ++tokens_;
  if (term == TermPairs::no_term) return;
  Index& entered = entered_[static_cast<std::size_t>(term)];
  if (entered == outside) entered = place;
}

/// Counts the places from which the term was seen, alone and with those that are still there.
void SlidingWindow::leave(Index term, Index place) {
  if (term == TermPairs::no_term) return;
  Index& entered = entered_[static_cast<std::size_t>(term)];
  if (entered == outside) return;
  counts_.terms[static_cast<std::size_t>(term)] += place - entered;
  for (const auto& [other, pair] : pairs_.partners(term)) {
    const Index other_entered = entered_[static_cast<std::size_t>(other)];
    if (other_entered == outside) continue;
    counts_.pairs[static_cast<std::size_t>(pair)] += place - std::max(entered, other_entered);
  }
  entered = outside;
}

void SlidingWindow::end_text() {
  if (tokens_ == 0) return;
  const Index places = std::max<Index>(1, tokens_ - width_ + 1);
  for (const Index term : last_) leave(term, places);
  std::fill(last_.begin(), last_.end(), TermPairs::no_term);
  counts_.units += places;
  tokens_ = 0;
}

}  // namespace mpinmf::topics
