// The entries of a Matrix Market file, line by line.
#pragma once

#include <vector>

#include "matrix_market_banner.hpp"
#include "source.hpp"

namespace mpinmf::io {

/// An entry as it stands in the file; row and column count from 0.
struct ListedEntry {
  Index row, column;
  double value;
  Index line;

  bool is_upper() const { return column > row; }
  /// The same for an entry and its mirror image.
  std::pair<Index, Index> place() const { return std::minmax(row, column); }
};

/// Lines that are neither blank nor comments, and what stands in them. Faults are BadData that name the line.
class EntryLines {
 public:
  /// @pre all outlive it
  EntryLines(LineReader& lines, const MatrixMarketBanner& banner, double clip_negative)
      : lines_(lines), banner_(banner), clip_negative_(clip_negative) {}

  /// False at the end.
  bool next(std::string_view& line);
  /// One entry of a coordinate file.
  ListedEntry coordinates(std::string_view line) const;
  /// The key of its row only, or with `by_column` of its column; not below 0 and within the matrix, else -1.
  Index place_of(std::string_view line, bool by_column) const;
  /// One entry of an array file, which is that of this place.
  double array_value(std::string_view line, Index row, Index column) const;

 private:
  void check_place(Index row, Index column) const;
  double checked(double value, std::string_view token, Index row, Index column) const;
  [[noreturn]] void refuse_line(std::string_view line) const;

  LineReader& lines_;
  const MatrixMarketBanner& banner_;
  double clip_negative_;
};

/// Collects entries, mirrors and transposes them, and hands them on in batches.
class EntryBatch {
 public:
  /// @pre take outlives it
  EntryBatch(const TakeEntries& take, bool symmetric, bool transpose)
      : take_(take), symmetric_(symmetric), transpose_(transpose) {
    entries_.reserve(size);
  }
  void add(Index row, Index column, double value) {
    entries_.push_back(transpose_ ? Entry{column, row, value} : Entry{row, column, value});
    if (symmetric_ && row != column) {
      entries_.push_back(transpose_ ? Entry{row, column, value} : Entry{column, row, value});
    }
    if (entries_.size() + 1 >= size) flush();
  }
  void flush() {
    if (!entries_.empty()) take_(entries_);
    entries_.clear();
  }

 private:
  static constexpr std::size_t size = std::size_t{1} << 16;  // entries
  const TakeEntries& take_;
  bool symmetric_, transpose_;
  std::vector<Entry> entries_;
};

}  // namespace mpinmf::io
