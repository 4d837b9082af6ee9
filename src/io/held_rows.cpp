// Streams of which whole rows are needed: they are put together by their owners, prepared, and read from there.
#include "prepared_source.hpp"
#include "whole_rows.hpp"

namespace mpinmf::io {
namespace {

constexpr std::size_t held_at_once = std::size_t{1} << 16;  // entries

/// Rows that this rank holds; each rank's piece is what it holds itself.
class HeldRows : public EntryPieces {
 public:
  explicit HeldRows(OwnRows rows) : rows_(std::move(rows)) {}

  void read_all(const TakeEntries& take) override {
    std::vector<Entry> batch;
    rows_.walk([&](Index row, const RowEntries& entries) {
      for (const auto& [column, value] : entries) batch.push_back({row, column, value});
      if (batch.size() < held_at_once) return;
      take(batch);
      batch.clear();
    });
    if (!batch.empty()) take(batch);
  }
  void read(int /*part*/, int /*parts*/, const TakeEntries& take) override { read_all(take); }
  void require_total(Index /*found*/) override {}  // that was asked when they were put together

 private:
  OwnRows rows_;
};

}  // namespace

void finish_stream(const Comm& comm, Source& source, const LoadOptions& options) {
  if (!options.prepared || !options.prepared->needs_whole_rows()) return;
  if (!std::holds_alternative<std::unique_ptr<EntryStream>>(source.reader)) return;
  const MatrixHeader header = source.header;
  source.header.columns = options.prepared->columns.all();  // as entries are numbered
  OwnRows own = put_together(comm, source, options);
  comm.meet([&] {
    const Prepared& prepared = *options.prepared;
    own.change([&](Index row, RowEntries& entries) {
      const Index number = prepared.rows.number_at(row);
      work_on(prepared, entries, number);
      choose_columns(prepared, entries);
      require_entries(prepared, entries, source.name, number);
    });
    source.clipped = own.clipped;
    source.summed = own.summed;
    source.reader = std::make_unique<HeldRows>(std::move(own));
  });
  source.header = header;
  source.is_summed = true;
}

}  // namespace mpinmf::io
