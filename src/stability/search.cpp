#include "search.hpp"

#include <algorithm>
#include <cmath>

namespace mpinmf::stability {
namespace {

constexpr double golden_share = 0.381966;

/// A step into a gap between two k, of the golden share of it.
Index step_into(Index gap) {
  return std::clamp<Index>(std::lround(golden_share * static_cast<double>(gap)), 1, gap - 1);
}

}  // namespace

KSearch search_components(Index most, const std::function<double(Index)>& loss) {
  KSearch found;
  const auto is_better = [&](Index k) {
    found.losses[k] = loss(k);
    return found.losses[k] < found.losses[found.best];
  };
  found.losses[1] = loss(1);
  Index below = 0, above = most + 1;  // the best lies between them, and neither does
  for (Index k = 2; found.best < most && above > most; k = std::min(2 * k, most)) {
    if (is_better(k)) {
      below = found.best;
      found.best = k;
    } else {
      above = k;
    }
  }
  while (above - found.best > 1 || found.best - below > 1) {
    const bool goes_up = above - found.best >= found.best - below;
    const Index from = found.best;
    const Index k = goes_up ? from + step_into(above - from) : from - step_into(from - below);
    if (is_better(k)) {
      (goes_up ? below : above) = from;
      found.best = k;
    } else {
      (goes_up ? above : below) = k;
    }
  }
  return found;
}

}  // namespace mpinmf::stability
