// Entries that ranks read piece by piece go to the owners of their rows.
#pragma once

#include "mpinmf/comm.hpp"
#include "mpinmf/partition.hpp"
#include "source.hpp"

namespace mpinmf::io {

/// What is read of each entry.
enum class OfEntries { all, places };

/// Each rank reads its piece and is given all entries of its rows, in batches, in whatever order. No rank sends or
/// receives more than some 24 MB at a time (1,000 entries for each rank that sends, at least). Collective. Faults
/// of reading and of `take` meet at the end, so that nobody waits for a batch that never comes: throws what the
/// lowest rank that failed has thrown, or BadData where there are not as many entries as were promised.
void exchange_entries(const Comm& comm, EntryPieces& pieces, OfEntries what, const Partition& owners,
                      const TakeEntries& take);

/// How many entries each row of this rank has, and who owns which rows so that ranks have equal work.
struct RowPlan {
  Partition partition;
  std::vector<Index> lengths;
};

/// For m rows in panels of this height. Every rank counts its piece. Collective; throws as above.
RowPlan plan_pieces(const Comm& comm, EntryPieces& pieces, Index m, Index height, Index components);

/// The weight of each panel, for consecutive rows that start on a panel's first row.
std::vector<double> panel_weights(std::span<const Index> lengths, Index height, Index components);

}  // namespace mpinmf::io
