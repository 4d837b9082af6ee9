#include "entry_facts.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "io/walk_rows.hpp"
#include "mpinmf/partition.hpp"

namespace mpinmf::cli {
namespace {

/// Numbers read at a time: 8 MiB.
constexpr Index piece = Index{1} << 20;

}  // namespace

void EntryFacts::take(Index row, Index column, double value) {
  value = check_(value, row, column);
  if (value != value) {
    ++nan_;
    return;
  }
  ++known_;
  minimum_ = std::min(minimum_, value);
  maximum_ = std::max(maximum_, value);
  are_whole_ = are_whole_ && value == std::floor(value);
  if (value == 0) return;
  if (by_rows_) note_duplicate(row, column);
  ++row_counts_[static_cast<std::size_t>(row)];
  ++column_counts_[static_cast<std::size_t>(column)];
}

void EntryFacts::note_duplicate(Index row, Index column) {
  Index& last = last_rows_[static_cast<std::size_t>(column)];
  if (last == row) ++duplicates_;
  last = row;
}

void EntryFacts::read_dense(io::DenseRows& reader, Index first, Index last) {
  const auto columns = static_cast<Index>(column_counts_.size());
  const Index height = std::max<Index>(1, piece / std::max<Index>(columns, 1));
  std::vector<double> rows(static_cast<std::size_t>(std::min(height, std::max<Index>(last - first, 0)) * columns));
  for (Index begin = first; begin < last; begin += height) {
    const Index count = std::min(height, last - begin);
    reader.read(begin, count, rows.data());
    for (Index i = 0; i < count; ++i) {
      for (Index j = 0; j < columns; ++j) take(begin + i, j, rows[static_cast<std::size_t>(i * columns + j)]);
    }
  }
}

void EntryFacts::read_stream(const Comm& comm, io::EntryStream* stream, const io::TakeEntries& take_all) {
  io::EntryPieces* const pieces = stream == nullptr ? nullptr : stream->pieces();
  if (pieces != nullptr) {
    pieces->read(comm.rank(), comm.size(), [&](std::span<const io::Entry> entries) {
      found_ += static_cast<Index>(entries.size());
      take_all(entries);
    });
    found_ += pieces->left_out();
  } else if (stream != nullptr) {
    stream->read_all(take_all);
  }
}

void EntryFacts::read(const Comm& comm, io::Source& source) {
  const Partition shares = Partition::by_rows(source.header.rows, 1, comm.size());
  const Index first = shares.begin(comm.rank()), last = shares.end(comm.rank());
  const auto take_all = [&](std::span<const io::Entry> entries) {
    for (const io::Entry& entry : entries) take(entry.row, entry.column, entry.value);
  };
  if (auto* dense = std::get_if<std::unique_ptr<io::DenseRows>>(&source.reader)) {
    read_dense(**dense, first, last);
  } else if (auto* sparse = std::get_if<std::unique_ptr<io::SparseRows>>(&source.reader)) {
    by_rows_ = true;
    last_rows_.assign(column_counts_.size(), -1);
    if (last > first) (*sparse)->read(first, last - first, take_all);
  } else {
    read_stream(comm, std::get<std::unique_ptr<io::EntryStream>>(source.reader).get(), take_all);
    any_order_ = source.header.sparse && !source.is_summed;
  }
  clipped_ = source.clipped;
}

void EntryFacts::read_whole_rows(const Comm& comm, io::Source& source, const LoadOptions& options) {
  auto all = std::make_shared<io::Prepared>();
  all->rows = io::Subset(source.header.rows);
  all->selected = all->columns = io::Subset(source.header.columns);
  clipped_ = source.clipped;
  clipped_ +=
      io::walk_whole_rows(comm, std::move(source), all, options, [&](Index row, io::RowEntries& entries, Index) {
        for (const auto& [column, value] : entries) take(row, column, value);
      });
  source.reader = std::unique_ptr<io::DenseRows>();  // nothing more is to be asked of it
}

void EntryFacts::meet(const Comm& comm, io::Source& source) {
  found_ = comm.sum(found_);
  comm.meet_on_root([&] {
    auto* const stream = std::get_if<std::unique_ptr<io::EntryStream>>(&source.reader);
    if (stream != nullptr && (*stream)->pieces() != nullptr) (*stream)->pieces()->require_total(found_);
  });
  comm.sum(std::span<Index>(row_counts_));
  comm.sum(std::span<Index>(column_counts_));
  minimum_ = comm.min(minimum_);
  maximum_ = comm.max(maximum_);
  duplicates_ = comm.sum(duplicates_);
  known_ = comm.sum(known_);
  nan_ = comm.sum(nan_);
  clipped_ = comm.sum(clipped_ + check_.clipped());
  any_order_ = comm.sum(Index{any_order_}) > 0;
  are_whole_ = comm.sum(Index{!are_whole_}) == 0;
}

StorageType EntryFacts::narrowest() const {
  if (!are_whole_ || nan_ > 0 || !(minimum_ >= 0)) return StorageType::automatic;
  if (maximum_ <= std::numeric_limits<std::uint8_t>::max()) return StorageType::uint8;
  return maximum_ <= std::numeric_limits<std::uint16_t>::max() ? StorageType::uint16 : StorageType::automatic;
}

void EntryFacts::print() const {
  const auto empty = [](const std::vector<Index>& counts) { return std::count(counts.begin(), counts.end(), 0); };
  Index nonzeros = 0;
  for (Index count : row_counts_) nonzeros += count;
  const double entries = static_cast<double>(row_counts_.size()) * static_cast<double>(column_counts_.size());
  const double unknown =
      static_cast<double>(nan_) + (knows_zeros_ ? 0 : entries - static_cast<double>(known_ - duplicates_));
  const bool has_zeros = knows_zeros_ && static_cast<double>(nonzeros + nan_) < entries;
  const double least = has_zeros ? std::min(0.0, minimum_) : minimum_;
  const double most = has_zeros ? std::max(0.0, maximum_) : maximum_;
  // of entries that come twice, both are counted; fit adds them up
  const char* what = any_order_ ? "nonzero entries in the file" : duplicates_ > 0 ? "stored entries" : "nonzeros";
  fmt::print("{}: {}\ndensity: {:.6g} %\n", what, nonzeros,
             entries > 0 ? 100 * static_cast<double>(nonzeros) / entries : 0.0);
  fmt::print("range: {:.9g} .. {:.9g}\n", least, most);
  fmt::print("empty rows: {}\nempty columns: {}\n", empty(row_counts_), empty(column_counts_));
  if (unknown > 0) fmt::print("entries that are not known: {:.0f}\n", unknown);
  if (clipped_ > 0) fmt::print("negative entries that are taken as 0: {}\n", clipped_);
  if (duplicates_ > 0) {
    fmt::print("entries of a place that has one already: {} (fit adds them up)\n", duplicates_);
  }
}

}  // namespace mpinmf::cli
