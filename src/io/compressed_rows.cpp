#include "compressed_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "mpinmf/error.hpp"

namespace mpinmf::io {
namespace {

using TakeEntries = std::function<void(std::span<const Entry>)>;
constexpr Index entries_at_once = Index{1} << 16;  // or rows

/// Entries of a matrix whose transpose lies in compressed rows.
class TransposedRows final : public EntryStream {
 public:
  explicit TransposedRows(std::unique_ptr<CompressedRows> rows) : rows_(std::move(rows)) {}

  void read_all(const TakeEntries& take) override {
    std::vector<Entry> turned;
    rows_->read(0, rows_->rows(), [&](std::span<const Entry> entries) {
      turned.assign(entries.begin(), entries.end());
      for (Entry& e : turned) std::swap(e.row, e.column);
      take(turned);
    });
  }

 private:
  std::unique_ptr<CompressedRows> rows_;
};

}  // namespace

CompressedRows::CompressedRows(CompressedArrays arrays) : arrays_(std::move(arrays)) {
  for (const NumberVector* vector : {arrays_.offsets.get(), arrays_.indices.get()}) {
    if (vector->holds_integers()) continue;
    throw BadData(fmt::format("{}: must hold integers; convert it with numpy's astype('i8')", vector->name()));
  }
  check_lengths();
}

void CompressedRows::check_lengths() {
  NumberVector& offsets = *arrays_.offsets;
  if (offsets.elements() == 0) {
    throw BadData(fmt::format("{}: is empty; it has one number more than {}", offsets.name(),
                              arrays_.of_columns ? "columns" : "rows"));
  }
  Index first = 0, last = 0;
  offsets.read(0, std::span(&first, 1));
  offsets.read(offsets.elements() - 1, std::span(&last, 1));
  if (first != 0) throw BadData(fmt::format("{}: must start with 0, not {}", offsets.name(), first));
  const Index length = arrays_.values->elements();
  const bool too_many = offsets.element_bytes() <= 4 && length > std::numeric_limits<std::int32_t>::max();
  if (last < 0 || too_many) {
    throw BadData(fmt::format("{}: ends with {}, but {} has {} entries{}", offsets.name(), last,
                              arrays_.values->name(), length, overflow_advice()));
  }
  for (const NumberVector* vector : {arrays_.indices.get(), arrays_.values.get()}) {
    if (vector->elements() >= last) continue;
    throw BadData(fmt::format("{}: ends with {}, but {} has {} entries; they belong to different matrices",
                              offsets.name(), last, vector->name(), vector->elements()));
  }
  stored_ = last;
}

/// anndata and R have written offsets in 32 bits for matrices of 2^31 entries and more.
std::string CompressedRows::overflow_advice() const {
  if (arrays_.offsets->element_bytes() > 4) return "";
  return ": 32-bit offsets have overflowed; write the matrix again with 64-bit ones (in Python, V.indptr = "
         "V.indptr.astype('i8') as long as V has less than 2^31 entries)";
}

Index CompressedRows::least_columns() {
  Index largest = -1;
  std::vector<Index> columns(static_cast<std::size_t>(entries_at_once));
  for (Index at = 0; at < stored_; at += entries_at_once) {
    const auto count = static_cast<std::size_t>(std::min(entries_at_once, stored_ - at));
    arrays_.indices->read(at, std::span(columns.data(), count));
    largest = std::max(largest, *std::max_element(columns.data(), columns.data() + count));
  }
  return largest + 1;
}

double CompressedRows::bytes() {
  return static_cast<double>(entries_at_once * static_cast<Index>(sizeof(Index) + sizeof(double) + sizeof(Entry)));
}

void CompressedRows::lengths(Index first, std::span<Index> lengths) {
  for (std::size_t at = 0; at < lengths.size(); at += static_cast<std::size_t>(entries_at_once)) {
    const auto count = std::min(lengths.size() - at, static_cast<std::size_t>(entries_at_once));
    const std::vector<Index> offsets = read_offsets(first + static_cast<Index>(at), static_cast<Index>(count));
    for (std::size_t i = 0; i < count; ++i) lengths[at + i] = offsets[i + 1] - offsets[i];
  }
}

void CompressedRows::read(Index first, Index count, const TakeEntries& take) {
  for (Index at = 0; at < count; at += entries_at_once) {
    const Index rows = std::min(entries_at_once, count - at);
    read_rows(first + at, read_offsets(first + at, rows), take);
  }
}

/// The offsets of rows first .. first + count, checked.
std::vector<Index> CompressedRows::read_offsets(Index first, Index count) {
  const char* const unit = arrays_.of_columns ? "column" : "row";
  std::vector<Index> offsets(static_cast<std::size_t>(count) + 1);
  arrays_.offsets->read(first, std::span(offsets));
  for (std::size_t i = 0; i < offsets.size(); ++i) {
    const Index row = first + static_cast<Index>(i);
    if (offsets[i] < 0 || offsets[i] > stored_) {
      throw BadData(fmt::format("{}: {} {} (counted from 0) starts at entry {}, but there are {} entries{}",
                                arrays_.offsets->name(), unit, row, offsets[i], stored_,
                                offsets[i] < 0 ? overflow_advice() : ""));
    }
    if (i > 0 && offsets[i] < offsets[i - 1]) {
      throw BadData(fmt::format("{}: falls from {} to {} at {} {} (counted from 0); it must never fall",
                                arrays_.offsets->name(), offsets[i - 1], offsets[i], unit, row - 1));
    }
  }
  return offsets;
}

void CompressedRows::read_rows(Index first, const std::vector<Index>& offsets, const TakeEntries& take) {
  std::vector<Index> columns(static_cast<std::size_t>(entries_at_once));
  std::vector<double> values(static_cast<std::size_t>(entries_at_once));
  std::vector<Entry> entries(static_cast<std::size_t>(entries_at_once));
  std::size_t row = 0;
  for (Index at = offsets.front(); at < offsets.back(); at += entries_at_once) {
    const auto count = static_cast<std::size_t>(std::min(entries_at_once, offsets.back() - at));
    arrays_.indices->read(at, std::span(columns.data(), count));
    arrays_.values->read(at, std::span(values.data(), count));
    for (std::size_t i = 0; i < count; ++i) {
      while (at + static_cast<Index>(i) >= offsets[row + 1]) ++row;
      entries[i] = {first + static_cast<Index>(row), columns[i], values[i]};
      if (columns[i] < 0 || columns[i] >= columns_) refuse_index(entries[i]);
    }
    take(std::span(entries.data(), count));
  }
}

void CompressedRows::refuse_index(const Entry& entry) const {
  const bool turned = arrays_.of_columns;
  throw BadData(fmt::format("{}: {} {} has an entry in {} {} (both counted from 0), but the matrix is {} x {}",
                            arrays_.indices->name(), turned ? "column" : "row", entry.row,
                            turned ? "row" : "column", entry.column, turned ? columns_ : rows(),
                            turned ? rows() : columns_));
}

std::unique_ptr<EntryStream> transposed(std::unique_ptr<CompressedRows> rows) {
  return std::make_unique<TransposedRows>(std::move(rows));
}

}  // namespace mpinmf::io
