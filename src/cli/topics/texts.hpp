// The texts that V was counted from, read once more for the measures that slide a window over them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model_data.hpp"
#include "topics/term_pairs.hpp"

namespace mpinmf::cli {

/// In how many places of a window there are terms and pairs of terms.
struct WindowCounts {
  std::optional<topics::PairCounts> npmi, c_v;  ///< each in windows of its own width
  std::string why_not;                          ///< where there are none

  bool are_there() const { return npmi.has_value(); }
};

/// Counts in the corpus that `asked` names (none: in none), or else in that which vectorize recorded beside V, if
/// it is still there; read and cut into tokens as vectorize did. `names`, on the root, are those of all features.
/// Ranks share the texts. Collective; throws what Corpus does for one that was asked for, and BadData.
WindowCounts count_windows(const Comm& comm, const DataPlace& place, const std::vector<std::string>& asked,
                           const topics::TermPairs& pairs, const std::vector<std::string>& names);

}  // namespace mpinmf::cli
