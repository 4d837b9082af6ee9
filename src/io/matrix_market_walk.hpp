// A Matrix Market file from front to back, and what is asked of all of it.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "matrix_market_entries.hpp"

namespace mpinmf::io {

/// A file, and how it is read.
struct MarketFile {
  std::string path;
  bool transpose = false;
  ValueLimits limits = {};
  ReadBanner read_banner = nullptr;
};

/// Every entry of the file. Throws SystemError, BadData (also where there are more or fewer than promised).
void walk_market_file(const MarketFile& file, const TakeEntries& take);

BadData more_than_promised(const LineReader& lines, const MatrixMarketBanner& banner);
BadData fewer_than_promised(const LineReader& lines, const MatrixMarketBanner& banner, Index found);

/// The entries of a symmetric file that count: all, but if it lists both triangles, and an entry in both, only
/// that of the triangle of its first entry off the diagonal. Files that list both are rare: what they list off the
/// diagonal is in memory for a while.
class Mirrors {
 public:
  /// @pre file outlives it
  explicit Mirrors(const MarketFile& file) : file_(file) {}
  /// Throws SystemError, BadData (an entry and its mirror image that differ).
  bool count(const ListedEntry& entry);

 private:
  const MarketFile& file_;
  std::optional<bool> list_upper_;                             // the triangle of the first entry
  std::optional<std::vector<std::pair<Index, Index>>> twice_;  // ascending
};

}  // namespace mpinmf::io
