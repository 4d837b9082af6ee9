#include "stream_rows.hpp"

#include <algorithm>
#include <cmath>

#include "entry_exchange.hpp"
#include "machine/memory_limit.hpp"
#include "open_on_all.hpp"

namespace mpinmf::io {
namespace {

/// How many parts of a rank's rows are put on disk one after the other. Entries of a stream in the order of rows
/// are complete after one reading anyway.
Index parts_on_disk(const Comm& comm, const RowPlan& plan, double bytes, const LoadOptions& options) {
  constexpr double most_turns = 16;
  const bool is_one = options.storage != Storage::disk || plan.turns < most_turns;
  return static_cast<Index>(comm.max(is_one ? 1.0 : std::ceil(bytes / std::max(share_of_memory(comm), 1.0))));
}

}  // namespace

double share_of_memory(const Comm& comm) {
  constexpr double share = 4;
  return machine::memory_limit().bytes / comm.ranks_on_this_host() / share;
}

template <class T>
void add_stream(const Comm& comm, Source& source, const RowPlan& plan, const LoadOptions& options,
                CsrBuilder<T>& builder) {
  if (!std::holds_alternative<std::unique_ptr<EntryStream>>(source.reader)) return;
  const Index parts = std::max<Index>(parts_on_disk(comm, plan, builder.entry_bytes(), options), 1);
  const Index count = plan.partition.rows(comm.rank());
  for (Index part = 0; part < parts; ++part) {
    builder.take_rows(count * part / parts, count * (part + 1) / parts);
    exchange_entries(comm, stream_of(source), OfEntries::all, plan.partition,
                     [&](std::span<const Entry> entries) { builder.add(entries); });
  }
}

template void add_stream(const Comm&, Source&, const RowPlan&, const LoadOptions&, CsrBuilder<float>&);
template void add_stream(const Comm&, Source&, const RowPlan&, const LoadOptions&, CsrBuilder<double>&);

}  // namespace mpinmf::io
