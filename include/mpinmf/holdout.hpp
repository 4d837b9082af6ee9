// Entries of V that a fit does not see, and that it is then judged by.
#pragma once

#include <cstdint>

#include "mpinmf/matrix.hpp"

namespace mpinmf {

/// One in `one_in` of the entries of V, each by itself: whether one is held out is a function of its row and
/// column in V and of the key alone, the same for any number of ranks and whatever V holds. All `one_in` folds of
/// a key together hold out each entry once.
struct Holdout {
  std::uint64_t key = 0;
  Index one_in = 20;         ///< at least 2
  Index fold = 0;            ///< 0 .. one_in - 1
  bool stored_only = false;  ///< of those that a sparse V stores alone: nonzeros
};

}  // namespace mpinmf
