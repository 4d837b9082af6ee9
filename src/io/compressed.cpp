#include "compressed.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace mpinmf::io {
namespace {

constexpr Index piece_size = Index{1} << 16;  // rows or entries

/// Entries with rows and columns exchanged: a piece is some of the rows.
class TransposedCompressed final : public EntryPieces {
 public:
  explicit TransposedCompressed(std::unique_ptr<CompressedArrays> rows) : rows_(std::move(rows)) {}

  void read(int part, int parts, const TakeEntries& take) override {
    const Index first = rows_->first_row(part, parts), end = rows_->first_row(part + 1, parts);
    std::vector<Entry> turned;
    rows_->read(first, end - first, [&](std::span<const Entry> entries) {
      turned.assign(entries.begin(), entries.end());
      for (Entry& e : turned) std::swap(e.row, e.column);
      take(turned);
    });
  }
  void read_all(const TakeEntries& take) override { read(0, 1, take); }
  void require_total(Index found) override { require_entries(rows_->name(), found, rows_->header().stored); }

 private:
  std::unique_ptr<CompressedArrays> rows_;
};

}  // namespace

void require_entries(const std::string& name, Index found, Index promised) {
  if (found == promised) return;
  throw BadData(
      fmt::format("{}: had {} entries when it was opened, and has {}: it changed while it was read; load it again",
                  name, promised, found));
}

void CompressedCheck::ends(Index first, Index last) const {
  if (first != 0) throw BadData(fmt::format("{}: must start with 0, not {}", offsets_name, first));
  if (last < 0) {
    throw BadData(
        fmt::format("{}: ends with {}; it must end with the number of entries{}", offsets_name, last, overflow()));
  }
}

void CompressedCheck::length(const std::string& array, Index elements) const {
  constexpr Index most = std::numeric_limits<std::int32_t>::max();
  if (in_32_bits && elements > most && stored <= most) {  // else they have no sign, and are enough
    throw BadData(fmt::format("{}: ends with {}, but {} has {} entries{}", offsets_name, stored, array, elements,
                              overflow()));
  }
  if (elements == stored || (has_room && elements > stored)) return;
  throw BadData(fmt::format("{}: ends with {}, but {} has {} entries; they belong to different matrices",
                            offsets_name, stored, array, elements));
}

/// anndata and R have written offsets in 32 bits for matrices of 2^31 entries and more: these go on below 0.
std::string CompressedCheck::overflow() const {
  if (!in_32_bits) return "";
  return ": 32-bit offsets have overflowed; write the matrix again with 64-bit ones (in Python, V.indptr = "
         "V.indptr.astype('i8') as long as V has less than 2^31 entries)";
}

void CompressedCheck::refuse_offset(Index row, Index before, Index value) const {
  const char* major = by_columns ? "column" : "row";
  if (value < 0 || value > stored) {
    throw BadData(fmt::format("{}: {} {} (counted from 0) starts at entry {}, but there are {} entries{}",
                              offsets_name, major, row, value, stored, value < 0 ? overflow() : ""));
  }
  throw BadData(fmt::format("{}: falls from {} to {} at {} {} (counted from 0); it must never fall", offsets_name,
                            before, value, major, row - 1));
}

void CompressedCheck::refuse_column(Index row, Index value) const {
  throw BadData(fmt::format("{}: {} {} has an entry in {} {} (both counted from 0), but the matrix is {} x {}",
                            indices_name, by_columns ? "column" : "row", row, by_columns ? "row" : "column", value,
                            by_columns ? columns : rows, by_columns ? rows : columns));
}

NpyVector::NpyVector(NpyFile file) : file_(std::move(file)) {
  require_vector(file_.header(), false);
}

CompressedArrays::CompressedArrays(const std::string& matrix, CompressedVectors arrays)
    : arrays_(std::move(arrays)) {
  NumberVector &offsets = *arrays_.offsets, &indices = *arrays_.indices;
  for (const NumberVector* array : {&offsets, &indices}) {
    if (array->holds_integers()) continue;
    throw BadData(fmt::format("{}: must hold integers; convert it with numpy's astype('i8')", array->name()));
  }
  if (offsets.elements() == 0) {
    throw BadData(fmt::format("{}: is empty; it has one number more than {}", offsets.name(),
                              arrays_.of_columns ? "columns" : "rows"));
  }
  check_ = {matrix, offsets.name(), indices.name(), arrays_.of_columns, offsets.elements() - 1};
  check_.in_32_bits = offsets.element_bytes() <= 4;
  check_.has_room = arrays_.has_room;
  Index first = 0, last = 0;
  offsets.read(0, std::span(&first, 1));
  offsets.read(check_.rows, std::span(&last, 1));
  check_.ends(first, last);
  check_.stored = last;
  check_.length(indices.name(), indices.elements());
  check_.length(arrays_.values->name(), arrays_.values->elements());
  header_.sparse = true;
  header_.single_precision = arrays_.values->is_single_precision();
  // columns, values and entries of a piece
  header_.reader_bytes = piece_size * (sizeof(Index) + sizeof(double) + sizeof(Entry));
  for (const NumberVector* array : {&offsets, &indices, arrays_.values.get()}) {
    header_.reader_bytes += array->buffer_bytes();
  }
  header_.rows = check_.rows;
  header_.stored = last;
}

Index CompressedArrays::largest_column() {
  Index largest = -1;
  std::vector<Index> columns(static_cast<std::size_t>(std::min(piece_size, header_.stored)));
  for (Index at = 0; at < header_.stored; at += piece_size) {
    const auto count = static_cast<std::size_t>(std::min(piece_size, header_.stored - at));
    arrays_.indices->read(at, std::span(columns.data(), count));
    largest = std::max(largest, *std::max_element(columns.data(), columns.data() + count));
  }
  return largest;
}

void CompressedArrays::set_columns(Index columns) {
  header_.columns = check_.columns = columns;
  check_sizes(check_.matrix, header_.rows, columns);
}

Index CompressedArrays::first_row(int part, int parts) {
  if (part == 0) return 0;
  if (part == parts) return header_.rows;
  const Index entry = piece_begin(header_.stored, part, parts);
  Index first = 0, end = header_.rows;  // halved, which is monotone in the entry, whatever the offsets are
  while (first < end) {
    const Index middle = first + (end - first) / 2;
    Index offset = 0;
    arrays_.offsets->read(middle, std::span(&offset, 1));
    if (offset < entry) {
      first = middle + 1;
    } else {
      end = middle;
    }
  }
  return first;
}

void CompressedArrays::lengths(Index first, std::span<Index> lengths) {
  for (std::size_t at = 0; at < lengths.size(); at += static_cast<std::size_t>(piece_size)) {
    const auto count = std::min(lengths.size() - at, static_cast<std::size_t>(piece_size));
    const std::vector<Index> offsets = read_offsets(first + static_cast<Index>(at), static_cast<Index>(count));
    for (std::size_t i = 0; i < count; ++i) lengths[at + i] = offsets[i + 1] - offsets[i];
  }
}

void CompressedArrays::read(Index first, Index count, const TakeEntries& take) {
  for (Index at = 0; at < count; at += piece_size) {
    const Index rows = std::min(piece_size, count - at);
    read_rows(first + at, read_offsets(first + at, rows), take);
  }
}

/// The offsets of rows first .. first + count, checked.
std::vector<Index> CompressedArrays::read_offsets(Index first, Index count) {
  std::vector<Index> offsets(static_cast<std::size_t>(count) + 1);
  arrays_.offsets->read(first, std::span(offsets));
  Index before = 0;
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    check_.offset(first + static_cast<Index>(i), before, offsets[i]);
    before = offsets[i];
  }
  return offsets;
}

void CompressedArrays::read_rows(Index first, const std::vector<Index>& offsets, const TakeEntries& take) {
  const auto at_once = static_cast<std::size_t>(std::min(piece_size, offsets.back() - offsets.front()));
  std::vector<Index> columns(at_once);
  std::vector<double> values(at_once);
  std::vector<Entry> entries(at_once);
  std::size_t row = 0;
  for (Index at = offsets.front(); at < offsets.back(); at += piece_size) {
    const auto count = static_cast<std::size_t>(std::min(piece_size, offsets.back() - at));
    arrays_.indices->read(at, std::span(columns.data(), count));
    arrays_.values->read(at, std::span(values.data(), count));
    for (std::size_t i = 0; i < count; ++i) {
      while (at + static_cast<Index>(i) >= offsets[row + 1]) ++row;
      entries[i] = {first + static_cast<Index>(row), columns[i], values[i]};
      check_.column(entries[i].row, columns[i]);
    }
    take(std::span(entries.data(), count));
  }
}

Source open_compressed(std::unique_ptr<CompressedArrays> arrays, const std::string& name, bool transpose) {
  MatrixHeader header = arrays->header();
  if (!transpose) return {name, header, std::move(arrays)};
  std::swap(header.rows, header.columns);
  return {name, header, std::make_unique<TransposedCompressed>(std::move(arrays))};
}

}  // namespace mpinmf::io
