// Entries of streams go from the ranks that read them to the owners of their rows.
#pragma once

#include "mpinmf/comm.hpp"
#include "mpinmf/partition.hpp"
#include "source.hpp"

namespace mpinmf::io {

/// What is read of each entry.
enum class OfEntries { all, places };

/// Every rank reads its piece of a stream that has pieces; of others, the root reads all, and `stream` may be null
/// elsewhere. `take` is given the entries of this rank's rows, in batches, in whatever order. No rank sends or
/// receives more than some 6 MB at a time (1,000 entries from each rank that sends, at least). Collective. Faults
/// of reading and of `take` meet at the end, so that nobody waits for a batch that never comes: throws what the
/// lowest rank that failed has thrown, or BadData where pieces do not have as many entries as were promised.
void exchange_entries(const Comm& comm, EntryStream* stream, OfEntries what, const Partition& owners,
                      const TakeEntries& take);

}  // namespace mpinmf::io
