// A matrix on its way to a file: rows that every rank hands to a writer, one after the other.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "io/source.hpp"
#include "mpinmf/row_panel.hpp"

namespace mpinmf::io {

/// One row. Of a sparse matrix its entries, none of which is 0, by ascending column; of a dense one all numbers,
/// and `columns` is empty.
struct OutputRow {
  Index number;  ///< in the matrix
  std::span<const ColumnIndex> columns;
  std::span<const double> values;
};

using TakeOutputRow = std::function<void(const OutputRow&)>;

/// The rows that a rank writes.
class OutputRows {
 public:
  virtual ~OutputRows() = default;
  /// All of them in order, also those without entries. May be called again. Does not communicate. Throws what
  /// reading throws, and BadData for an entry that is negative, not finite, or too large for its precision.
  virtual void each(const TakeOutputRow& take) = 0;
  /// How many entries the last call set to 0, being negative by no more than is allowed.
  virtual Index clipped() const { return 0; }
  /// How many it added to another in the same place.
  virtual Index summed() const { return 0; }
};

/// Pixels.
struct ImageSize {
  Index height = 0, width = 0;
};

/// m x n. Every rank has rows of its own; first_row is the number of their first. Sizes are of what is written.
struct OutputMatrix {
  std::string name;  ///< of what is read, for messages
  Index rows = 0, columns = 0;
  bool sparse = false, single_precision = false;
  Index first_row = 0, own_rows = 0;
  std::unique_ptr<OutputRows> reader;
  Labels labels;         ///< on every rank
  ImageSize image = {};  ///< that a row is, for formats that take it
};

/// What is to be known of all entries before any is written.
struct OutputFacts {
  Index stored = 0;         ///< entries (dense: all)
  Index stored_before = 0;  ///< of the ranks before this one
  double largest = 0;
  bool are_whole = true;  ///< whole numbers that a double holds to the last digit
};

/// Reads all rows once. Collective; throws what reading throws.
OutputFacts output_facts(const Comm& comm, OutputMatrix& matrix);

/// Whether a number has no fraction, and no more digits than a double holds.
bool is_whole(double value);

}  // namespace mpinmf::io
