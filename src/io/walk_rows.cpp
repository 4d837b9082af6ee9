#include "walk_rows.hpp"

#include "mpinmf/partition.hpp"
#include "prepared_source.hpp"

namespace mpinmf::io {

Index walk_whole_rows(const Comm& comm, Source raw, const std::shared_ptr<const Prepared>& prepared,
                      const LoadOptions& options, const TakeWholeRow& take) {
  const Subset& rows = prepared->rows;
  if (!std::holds_alternative<std::unique_ptr<EntryStream>>(raw.reader)) {
    const Partition shares = Partition::by_rows(rows.count(), 1, comm.size());
    const Index first = shares.begin(comm.rank()), last = shares.end(comm.rank());
    comm.meet([&] {
      LoadOptions of_entries = options;
      of_entries.add = 0;
      EntryCheck<double> check(raw.name, of_entries);
      if (last > first) {
        RowWalk(raw.reader, raw.header, *prepared, check)
            .walk(rows.number_at(first), rows.number_at(last - 1) + 1, take);
      }
    });
    return 0;
  }
  Source selected = selected_stream(std::move(raw), prepared, options);
  OwnRows own = put_together(comm, selected, options);
  comm.meet([&] { own.walk([&](Index row, RowEntries& entries) { take(rows.number_at(row), entries, 0); }); });
  return own.clipped;
}

}  // namespace mpinmf::io
