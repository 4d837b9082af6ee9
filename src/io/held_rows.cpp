// Streams of which whole rows are needed: they are put together by their owners, prepared, and read from there.
#include "prepared_source.hpp"
#include "whole_rows.hpp"

namespace mpinmf::io {
namespace {

constexpr std::size_t held_at_once = std::size_t{1} << 16;  // entries

/// Rows that this rank holds; each rank's piece is what it holds itself.
class HeldRows : public EntryPieces {
 public:
  HeldRows(Index first, CsrRows<double> rows) : first_(first), rows_(std::move(rows)) {}

  void read_all(const TakeEntries& take) override {
    std::vector<Entry> batch;
    for (Index i = 0; i < rows_.rows(); ++i) {
      const auto end = static_cast<std::size_t>(rows_.offsets[static_cast<std::size_t>(i) + 1]);
      for (auto at = static_cast<std::size_t>(rows_.offsets[static_cast<std::size_t>(i)]); at < end; ++at) {
        batch.push_back({first_ + i, rows_.indices[at], rows_.values[at]});
        if (batch.size() < held_at_once) continue;
        take(batch);
        batch.clear();
      }
    }
    if (!batch.empty()) take(batch);
  }
  void read(int /*part*/, int /*parts*/, const TakeEntries& take) override { read_all(take); }
  void require_total(Index /*found*/) override {}  // that was asked when they were put together

 private:
  Index first_;
  CsrRows<double> rows_;
};

/// What becomes of whole rows, in their place.
void prepare_rows(const Prepared& prepared, const std::string& name, Index first, CsrRows<double>& rows) {
  RowEntries row;
  Index from = 0, to = 0;
  for (std::size_t i = 1; i < rows.offsets.size(); ++i) {
    row.clear();
    for (; from < rows.offsets[i]; ++from) {
      row.emplace_back(rows.indices[static_cast<std::size_t>(from)], rows.values[static_cast<std::size_t>(from)]);
    }
    const Index number = prepared.rows.number_at(first + static_cast<Index>(i) - 1);
    work_on(prepared, row, number);
    choose_columns(prepared, row);
    require_entries(prepared, row, name, number);
    for (const auto& [column, value] : row) {
      rows.indices[static_cast<std::size_t>(to)] = static_cast<ColumnIndex>(column);
      rows.values[static_cast<std::size_t>(to++)] = value;
    }
    rows.offsets[i] = to;
  }
}

}  // namespace

void finish_stream(const Comm& comm, Source& source, const LoadOptions& options) {
  if (!options.prepared || !options.prepared->needs_whole_rows()) return;
  if (!std::holds_alternative<std::unique_ptr<EntryStream>>(source.reader)) return;
  const MatrixHeader header = source.header;
  source.header.columns = options.prepared->columns.all();  // as entries are numbered
  OwnRows own = put_together(comm, source, options);
  comm.meet([&] {
    prepare_rows(*options.prepared, source.name, own.first, own.rows);
    source.reader = std::make_unique<HeldRows>(own.first, std::move(own.rows));
  });
  source.header = header;
  source.is_summed = true;
  source.clipped = own.clipped;
}

}  // namespace mpinmf::io
