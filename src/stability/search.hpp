// The k at which a loss is least, from the losses of few k.
#pragma once

#include <functional>
#include <map>

#include "mpinmf/matrix.hpp"

namespace mpinmf::stability {

struct KSearch {
  Index best = 1;
  std::map<Index, double> losses;  ///< of every k that was tried
};

/// For a loss that falls up to some k and then rises, as that of held-out entries: k = 1, 2, 4, ... until it rises
/// or `most` is reached, then golden section (Kiefer 1953) between the neighbours of the least, until both differ
/// from it by 1. Where the loss has several minima, one of them. NaN, as of a k for which there is no time left,
/// counts as a rise. @pre most >= 1
KSearch search_components(Index most, const std::function<double(Index)>& loss);

}  // namespace mpinmf::stability
