#include "prepared_source.hpp"

#include <algorithm>

#include "column_statistics.hpp"
#include "whole_rows.hpp"

namespace mpinmf::io {
namespace {

using PreparedPointer = std::shared_ptr<const Prepared>;

constexpr std::size_t entries_at_once = std::size_t{1} << 16;

EntryCheck<double> check_of(const Source& raw, const LoadOptions& options) {
  LoadOptions of_entries = options;
  of_entries.add = 0;
  return EntryCheck<double>(raw.name, of_entries);
}

/// The raw reader and what is done to its rows.
class RowPreparation {
 public:
  RowPreparation(Source raw, PreparedPointer prepared, const LoadOptions& options)
      : prepared_(std::move(prepared)),
        check_(check_of(raw, options)),
        raw_(std::move(raw)),
        walk_(raw_.reader, raw_.header, *prepared_, check_) {}

  /// Of rows that are kept, by their new numbers.
  void walk(Index first, Index count, const TakeWholeRow& take) {
    if (count == 0) return;
    const Subset& rows = prepared_->rows;
    walk_.walk(rows.number_at(first), rows.number_at(first + count - 1) + 1,
               [&](Index row, RowEntries& entries, Index stored) {
                 if (prepared_->changes_rows()) work_on(*prepared_, entries, row);
                 choose_columns(*prepared_, entries);
                 require_entries(*prepared_, entries, raw_.name, row);
                 take(rows.place_of(row), entries, stored);
               });
  }

 protected:
  PreparedPointer prepared_;
  EntryCheck<double> check_;
  Source raw_;
  RowWalk walk_;
};

class PreparedDenseRows : public DenseRows, RowPreparation {
 public:
  using RowPreparation::RowPreparation;
  void read(Index first, Index count, double* out) override {
    const Index n = prepared_->columns.count();
    std::fill_n(out, count * n, 0.0);
    walk(first, count, [&](Index row, RowEntries& entries, Index) {
      for (const auto& [column, value] : entries) out[(row - first) * n + column] = value;
    });
  }
};

class PreparedSparseRows : public SparseRows, RowPreparation {
 public:
  using RowPreparation::RowPreparation;

  void lengths(Index first, std::span<Index> lengths) override {
    const auto count = static_cast<Index>(lengths.size());
    if (!pads()) {
      walk(first, count, [&](Index row, RowEntries& entries, Index) {
        lengths[static_cast<std::size_t>(row - first)] = static_cast<Index>(entries.size());
      });
      return;
    }
    SparseRows& raw = *std::get<std::unique_ptr<SparseRows>>(raw_.reader);
    // rows that are kept and lie together
    for (Index i = 0; i < count;) {
      const Index begin = prepared_->rows.number_at(first + i);
      Index length = 1;
      while (i + length < count && prepared_->rows.has(begin + length)) ++length;
      raw.lengths(begin, lengths.subspan(static_cast<std::size_t>(i), static_cast<std::size_t>(length)));
      i += length;
    }
  }

  void read(Index first, Index count, const TakeEntries& take) override {
    const Index summed_before = walk_.summed();
    std::vector<Entry> batch;
    walk(first, count, [&](Index row, RowEntries& entries, Index stored) {
      for (const auto& [column, value] : entries) batch.push_back({row, column, value});
      if (pads()) batch.resize(batch.size() + static_cast<std::size_t>(stored) - entries.size(), {row, 0, 0.0});
      if (batch.size() < entries_at_once) return;
      take(batch);
      batch.clear();
    });
    if (!batch.empty()) take(batch);
    summed_ = walk_.summed() - summed_before;
  }
  Index summed() const override { return summed_; }

 private:
  /// Where all columns are kept, a row is as long as in the file, so that its entries need not be read to know
  /// that: zeros, which are dropped, stand for what its duplicates were summed with.
  bool pads() const { return prepared_->columns.is_all() && !check_.keeps_zeros(); }

  Index summed_ = 0;
};

/// Entries of a stream: those that are kept, numbered anew.
class StreamSelection {
 public:
  /// `whole`: columns and values stay as they are, and what is selected of them is left.
  StreamSelection(Source raw, PreparedPointer prepared, bool whole, const LoadOptions& options)
      : prepared_(std::move(prepared)), whole_(whole), check_(check_of(raw, options)), raw_(std::move(raw)) {}

 protected:
  EntryStream& raw() const { return *std::get<std::unique_ptr<EntryStream>>(raw_.reader); }

  TakeEntries select(const TakeEntries& take, bool with_values) {
    left_out_ = 0;
    return [this, take, with_values](std::span<const Entry> entries) {
      kept_.clear();
      for (const Entry& entry : entries) keep(entry, with_values);
      left_out_ += static_cast<Index>(entries.size() - kept_.size());
      if (!kept_.empty()) take(kept_);
    };
  }

  const Subset& columns() const { return whole_ ? prepared_->selected : prepared_->columns; }

  Index left_out_ = 0;

 private:
  void keep(const Entry& entry, bool with_value) {
    const Index row = prepared_->rows.place_of(entry.row);
    const Index place = columns().place_of(entry.column);
    if (row < 0 || place < 0) return;
    double value = entry.value;
    if (with_value) {
      check_(value, entry.row, entry.column);
      if (!whole_ && value > 0 && !prepared_->column_scales.empty())
        value /= prepared_->column_scales[static_cast<std::size_t>(place)];
    }
    kept_.push_back({row, whole_ ? entry.column : place, value});
  }

  PreparedPointer prepared_;
  bool whole_;
  EntryCheck<double> check_;
  Source raw_;
  std::vector<Entry> kept_;
};

class SelectedStream : public EntryStream, StreamSelection {
 public:
  using StreamSelection::StreamSelection;
  void read_all(const TakeEntries& take) override { raw().read_all(select(take, true)); }
};

class SelectedPieces : public EntryPieces, StreamSelection {
 public:
  using StreamSelection::StreamSelection;
  void read_all(const TakeEntries& take) override { raw().read_all(select(take, true)); }
  void read(int part, int parts, const TakeEntries& take) override {
    raw().pieces()->read(part, parts, select(take, true));
  }
  void read_places(int part, int parts, const TakeEntries& take) override {
    // those who only count may be given a column that is none
    if (columns().is_all()) return raw().pieces()->read_places(part, parts, select(take, false));
    read(part, parts, take);
  }
  Index left_out() const override { return left_out_ + raw().pieces()->left_out(); }
  void require_total(Index found) override { raw().pieces()->require_total(found); }
};

/// The names of those that are kept.
NameReader names_of(NameReader all, PreparedPointer prepared, const Subset Prepared::*kept) {
  if (!all) return {};
  return [all = std::move(all), prepared = std::move(prepared), kept](const auto& take) {
    Index i = 0;
    all([&](std::string_view name) {
      // a name too many is for require_names to find
      if (i >= ((*prepared).*kept).all() || ((*prepared).*kept).has(i)) take(name);
      ++i;
    });
  };
}

MatrixHeader header_of(const MatrixHeader& raw, const Prepared& prepared, bool is_stream) {
  MatrixHeader header = raw;
  header.rows = prepared.rows.count();
  header.columns = prepared.columns.count();
  if (prepared.changes_values()) header.held_as = StorageType::automatic;
  const auto share = [](const Subset& kept) {
    return static_cast<double>(kept.count()) / static_cast<double>(std::max<Index>(kept.all(), 1));
  };
  const double selected = static_cast<double>(raw.stored) * share(prepared.rows) * share(prepared.selected);
  if (!header.sparse) {
    header.stored = header.rows * header.columns;
  } else if (prepared.stored >= 0) {
    header.stored = prepared.stored;
  } else {
    header.stored = static_cast<Index>(selected * share(prepared.columns) / share(prepared.selected));
  }
  header.reader_bytes += prepared.bytes() + (is_stream ? 0 : RowWalk::bytes(raw));
  if (prepared.needs_statistics_of_columns())  // overdispersed: of TPM as well
    header.reader_bytes += (prepared.refuses_empty_rows() ? 2 : 1) * ColumnStatistics::bytes(raw.columns);
  if (is_stream && (prepared.needs_whole_rows() || prepared.needs_statistics())) {
    header.held_bytes_of_row +=
        (sizeof(double) + sizeof(ColumnIndex)) * selected / static_cast<double>(header.rows);
    header.reader_bytes_of_row += 2 * sizeof(Index);  // where each row begins and is filled
  }
  return header;
}

std::unique_ptr<EntryStream> select_of_stream(Source raw, PreparedPointer prepared, bool whole,
                                              const LoadOptions& options) {
  EntryStream* const stream = std::get<std::unique_ptr<EntryStream>>(raw.reader).get();
  if (stream->pieces() != nullptr) {
    return std::make_unique<SelectedPieces>(std::move(raw), std::move(prepared), whole, options);
  }
  return std::make_unique<SelectedStream>(std::move(raw), std::move(prepared), whole, options);
}

}  // namespace

LoadOptions with_statistics(const Comm& comm, const std::string& path, const LoadOptions& asked) {
  LoadOptions options = asked;
  if (!options.prepared) options.prepared = prepare(comm, path, asked);
  return options;
}

Source with_preparation(Source raw, std::shared_ptr<const Prepared> prepared, const LoadOptions& options) {
  Source source;
  source.name = raw.name;
  const bool is_stream = std::holds_alternative<std::unique_ptr<EntryStream>>(raw.reader);
  source.header = header_of(raw.header, *prepared, is_stream);
  source.labels = {names_of(raw.labels.rows, prepared, &Prepared::rows),
                   names_of(raw.labels.columns, prepared, &Prepared::columns)};
  if (is_stream) {
    source.reader = select_of_stream(std::move(raw), prepared, prepared->needs_whole_rows(), options);
  } else if (std::holds_alternative<std::unique_ptr<DenseRows>>(raw.reader)) {
    source.reader = std::make_unique<PreparedDenseRows>(std::move(raw), prepared, options);
  } else {
    source.reader = std::make_unique<PreparedSparseRows>(std::move(raw), prepared, options);
  }
  return source;
}

Source selected_stream(Source raw, std::shared_ptr<const Prepared> prepared, const LoadOptions& options) {
  Source source;
  source.name = raw.name;
  source.header = raw.header;
  source.header.rows = prepared->rows.count();
  if (std::get<std::unique_ptr<EntryStream>>(raw.reader) == nullptr) {
    source.reader = std::unique_ptr<EntryStream>();
  } else {
    source.reader = select_of_stream(std::move(raw), std::move(prepared), true, options);
  }
  return source;
}

}  // namespace mpinmf::io
