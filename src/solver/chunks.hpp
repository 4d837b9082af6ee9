// How H's update is cut into chunks of features among the ranks.
#pragma once

#include <limits>

#include "sums.hpp"

namespace mpinmf {

/// Elements, or bytes of a broadcast, that MPI takes at a time: it counts in 32 bits.
inline constexpr Index longest_message = std::numeric_limits<int>::max();

/// How n features are cut. Never depends on timing: chunks change the order of sums.
struct Chunks {
  Index features = 0;  ///< n
  Index height = 0;    ///< features in a chunk, the last one may have fewer; 0: not cut, one message carries all

  bool pipelined() const { return height > 0; }
  Index count() const { return pipelined() ? (features + height - 1) / height : 1; }
  FeatureRange range(Index c) const;
  /// Ranks take turns.
  int owner(Index c, int ranks) const { return static_cast<int>(c % ranks); }
};

/// How H (k x n, elements of so many bytes) is cut among so many ranks: a pure function. Where the rule's
/// work outweighs the messages, each rank takes its share.
Chunks chunks_for(Index features, Index components, Index element_bytes, int ranks,
                  bool outweighs_messages = false);

/// Numbers that travel behind the rows of a chunk: FactorSums, and what became of it.
Index tail_numbers(Index components);

}  // namespace mpinmf
