// Entries of a stream on their way, in batches of bounded size.
#pragma once

#include <vector>

#include "source.hpp"

namespace mpinmf::io {

/// Collects entries, mirrors and transposes them, and hands them on in batches.
class EntryBatch {
 public:
  /// @pre take outlives it
  EntryBatch(const TakeEntries& take, bool symmetric, bool transpose)
      : take_(take), symmetric_(symmetric), transpose_(transpose) {}  // no room yet: most files are small
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
