// The entries of a Matrix Market file, line by line.
#pragma once

#include "listed_value.hpp"
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
  EntryLines(LineReader& lines, const MatrixMarketBanner& banner, const ValueLimits& limits)
      : lines_(lines), banner_(banner), limits_(limits) {}

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
  ValueLimits limits_;
};

}  // namespace mpinmf::io
