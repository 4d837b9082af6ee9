#include "masked_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <limits>

#include "format.hpp"
#include "open_on_all.hpp"
#include "row_entries.hpp"
#include "whole_rows.hpp"

namespace mpinmf::io {
namespace {

constexpr double not_known = std::numeric_limits<double>::quiet_NaN();
/// Rows of a sparse one whose unknown entries are held at once.
constexpr Index sparse_at_once = 256;

bool has_rows(const Source& source) {
  return !std::holds_alternative<std::unique_ptr<EntryStream>>(source.reader);
}

/// Which entries of some rows are not known, from a mask that has rows at will.
class MaskRows {
 public:
  MaskRows(Source mask, bool transposed) : mask_(std::move(mask)), transposed_(transposed) {}

  /// Their places; the value of each is NaN, or 0 where a sparse mask stores a 0.
  void read(Index first, Index count, const TakeEntries& take) {
    walk_entries(mask_.reader, mask_.header.columns, first, count, [&](std::span<const Entry> entries) {
      marks_.clear();
      for (const Entry& entry : entries) {
        require_mark(entry);
        marks_.push_back({entry.row, entry.column, entry.value == 0 ? 0 : not_known});
      }
      take(marks_);
    });
  }
  /// How many of them each row has.
  void lengths(Index first, std::span<Index> lengths) {
    if (auto* sparse = std::get_if<std::unique_ptr<SparseRows>>(&mask_.reader)) {
      return (*sparse)->lengths(first, lengths);
    }
    std::fill(lengths.begin(), lengths.end(), 0);
    read(first, static_cast<Index>(lengths.size()), [&](std::span<const Entry> entries) {
      for (const Entry& entry : entries) ++lengths[static_cast<std::size_t>(entry.row - first)];
    });
  }

 private:
  void require_mark(const Entry& entry) const {
    if (entry.value >= 0 && entry.value <= std::numeric_limits<double>::max()) return;
    const Index row = transposed_ ? entry.column : entry.row, column = transposed_ ? entry.row : entry.column;
    throw BadData(fmt::format(
        "{}: {:g} in row {}, column {} (counted from 0); where V is known a mask has 0, elsewhere 1, say",
        mask_.name, entry.value, row, column));
  }

  Source mask_;
  bool transposed_;
  std::vector<Entry> marks_;
};

class MaskedDenseRows : public DenseRows {
 public:
  MaskedDenseRows(Source raw, MaskRows mask) : raw_(std::move(raw)), mask_(std::move(mask)) {}
  void read(Index first, Index count, double* out) override {
    std::get<std::unique_ptr<DenseRows>>(raw_.reader)->read(first, count, out);
    mask_.read(first, count, [&](std::span<const Entry> entries) {
      for (const Entry& entry : entries) {
        if (entry.value != 0) out[(entry.row - first) * raw_.header.columns + entry.column] = not_known;
      }
    });
  }

 private:
  Source raw_;
  MaskRows mask_;
};

/// Each row: what V stores, then NaN for each of its entries that are not known.
class MaskedSparseRows : public SparseRows {
 public:
  MaskedSparseRows(Source raw, MaskRows mask) : raw_(std::move(raw)), mask_(std::move(mask)) {}

  void lengths(Index first, std::span<Index> lengths) override {
    raw().lengths(first, lengths);
    unknown_.resize(lengths.size());
    mask_.lengths(first, unknown_);
    for (std::size_t i = 0; i < lengths.size(); ++i) lengths[i] += unknown_[i];
  }

  void read(Index first, Index count, const TakeEntries& take) override {
    for (Index begin = first; begin < first + count; begin += sparse_at_once) {
      read_some(begin, std::min(sparse_at_once, first + count - begin), take);
    }
  }

 private:
  SparseRows& raw() const { return *std::get<std::unique_ptr<SparseRows>>(raw_.reader); }

  void read_some(Index first, Index count, const TakeEntries& take) {
    marks_.clear();
    mask_.read(first, count, [&](std::span<const Entry> entries) {
      marks_.insert(marks_.end(), entries.begin(), entries.end());
    });
    std::size_t next = 0;
    std::vector<Entry> batch;
    const auto add_marks_before = [&](Index row) {
      for (; next < marks_.size() && marks_[next].row < row; ++next) batch.push_back(marks_[next]);
    };
    raw().read(first, count, [&](std::span<const Entry> entries) {
      batch.clear();
      for (const Entry& entry : entries) {
        add_marks_before(entry.row);
        batch.push_back(entry);
      }
      take(batch);
    });
    batch.clear();
    add_marks_before(first + count);
    if (!batch.empty()) take(batch);
  }

  Source raw_;
  MaskRows mask_;
  std::vector<Index> unknown_;
  std::vector<Entry> marks_;
};

/// What V's stream has and, after it, NaN for those entries that are not known in rows of which this rank holds
/// the mask.
class MaskedPieces : public EntryPieces {
 public:
  MaskedPieces(Source raw, OwnRows mask, Index unknown)
      : raw_(std::move(raw)), mask_(std::move(mask)), unknown_(unknown) {}

  void read_all(const TakeEntries& take) override { read(0, 1, take); }
  void read(int part, int parts, const TakeEntries& take) override {
    if (pieces_of_raw() != nullptr) {
      pieces_of_raw()->read(part, parts, take);
    } else {
      read_alone(take);
    }
    read_mask(take);
  }
  void read_places(int part, int parts, const TakeEntries& take) override {
    if (pieces_of_raw() != nullptr) {
      pieces_of_raw()->read_places(part, parts, take);
    } else {
      read_alone(take);
    }
    read_mask(take);
  }
  Index left_out() const override { return pieces_of_raw() == nullptr ? 0 : pieces_of_raw()->left_out(); }
  void require_total(Index found) override {
    if (pieces_of_raw() != nullptr) pieces_of_raw()->require_total(found - unknown_);
  }

 private:
  EntryStream* raw() const { return std::get<std::unique_ptr<EntryStream>>(raw_.reader).get(); }
  EntryPieces* pieces_of_raw() const { return raw() == nullptr ? nullptr : raw()->pieces(); }
  /// Where the root reads for all.
  void read_alone(const TakeEntries& take) const {
    if (raw() != nullptr) raw()->read_all(take);
  }
  void read_mask(const TakeEntries& take) const {
    const CsrRows<double>& rows = mask_.rows.plain;
    std::vector<Entry> batch;
    for (Index i = 0; i < rows.rows(); ++i) {
      batch.clear();
      for (Index at = rows.offsets[static_cast<std::size_t>(i)];
           at < rows.offsets[static_cast<std::size_t>(i) + 1]; ++at) {
        batch.push_back({mask_.first + i, rows.indices[static_cast<std::size_t>(at)], not_known});
      }
      if (!batch.empty()) take(batch);
    }
  }

  Source raw_;
  OwnRows mask_;
  Index unknown_;
};

void require_there(const std::string& mask) {
  std::error_code ignored;
  if (mask.starts_with("generate:") || std::filesystem::exists(locate(mask).file, ignored)) return;
  throw SystemError(fmt::format(
      "{}: there is no such file; --missing is none, zeros, nan, or a file that says which entries are unknown",
      mask));
}

void require_same_shape(const Source& raw, const Source& mask) {
  if (raw.header.rows == mask.header.rows && raw.header.columns == mask.header.columns) return;
  throw ShapeMismatch(fmt::format(
      "{} says of {} x {} entries which are unknown, but {} is {} x {}: give a matrix of the shape that V's file "
      "has, before rows and columns are chosen",
      mask.name, mask.header.rows, mask.header.columns, raw.name, raw.header.rows, raw.header.columns));
}

/// A mask as rows, each rank's its own. Collective.
OwnRows held_mask(const Comm& comm, Source mask, const LoadOptions& reading) {
  comm.meet([&] { require_sparse_columns(mask.name, mask.header.columns); });
  make_stream(mask);
  OwnRows own = put_together(comm, mask, reading);
  comm.meet([&] {
    const bool is_number = std::all_of(own.rows.plain.values.begin(), own.rows.plain.values.end(),
                                       [](double value) { return value == value; });
    if (is_number) return;
    throw BadData(
        fmt::format("{}: some entries are not a number (NaN); where V is known a mask has 0, elsewhere 1, "
                    "say",
                    mask.name));
  });
  return own;
}

/// Entries of a mask that has rows. Collective.
Index count_marks(const Comm& comm, MaskRows& mask, Index rows) {
  Index count = 0;
  comm.meet([&] {
    const Index first = piece_begin(rows, comm.rank(), comm.size());
    mask.read(first, piece_begin(rows, comm.rank() + 1, comm.size()) - first,
              [&](std::span<const Entry> entries) { count += static_cast<Index>(entries.size()); });
  });
  return comm.sum(count);
}

MatrixHeader header_with(const MatrixHeader& raw, const MatrixHeader& mask, Index unknown, bool is_held) {
  MatrixHeader header = raw;
  header.held_as = StorageType::automatic;  // whole numbers have no NaN
  if (raw.sparse) header.stored = std::min(raw.stored + unknown, raw.rows * raw.columns);
  header.reader_bytes += mask.reader_bytes;
  if (!raw.sparse || !mask.sparse) {
    header.reader_bytes += bytes_of_walk(raw);
  }
  if (is_held) {
    header.reader_bytes_of_row +=
        (sizeof(double) + sizeof(ColumnIndex)) * static_cast<double>(unknown) / static_cast<double>(raw.rows) +
        2 * sizeof(Index);
  }
  return header;
}

}  // namespace

Source with_mask(const Comm& comm, Source raw, const LoadOptions& options, MaskUse use) {
  LoadOptions reading;  // it lies as V's file does
  reading.transpose = options.transpose;
  reading.missing = Missing::nan;  // so that it is said what is wrong with it
  comm.meet_on_root([&] { require_there(options.mask); });
  Source mask = open_on_all(comm, options.mask, reading);
  comm.meet([&] { require_same_shape(raw, mask); });
  const MatrixHeader of_mask = mask.header;
  const bool is_held = !has_rows(raw) || !has_rows(mask);
  const bool is_counted = of_mask.sparse || !raw.header.sparse;
  Index unknown = of_mask.stored;
  Source source;
  source.name = raw.name;
  source.labels = raw.labels;
  const MatrixHeader of_raw = raw.header;
  if (is_held) {
    OwnRows own;
    if (use == MaskUse::entries || !is_counted) {
      own = held_mask(comm, std::move(mask), reading);
      unknown = comm.sum(static_cast<Index>(own.rows.plain.values.size()));
    }
    make_stream(raw);
    source.reader = std::make_unique<MaskedPieces>(std::move(raw), std::move(own), unknown);
  } else {
    MaskRows rows(std::move(mask), options.transpose);
    if (use == MaskUse::header && !is_counted) unknown = count_marks(comm, rows, of_raw.rows);
    if (of_raw.sparse) {
      source.reader = std::make_unique<MaskedSparseRows>(std::move(raw), std::move(rows));
    } else {
      source.reader = std::make_unique<MaskedDenseRows>(std::move(raw), std::move(rows));
    }
  }
  source.header = header_with(of_raw, of_mask, unknown, is_held);
  return source;
}

}  // namespace mpinmf::io
