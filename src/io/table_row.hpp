// The numbers in a line of a table.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "file.hpp"
#include "npy_file.hpp"
#include "table.hpp"
#include "table_fields.hpp"

namespace mpinmf::io {

/// What is known of a table once it has been opened.
struct Table {
  std::string path;
  TableLayout layout;
  bool has_pieces = false;
  std::vector<std::string> names;  ///< of columns, where there is a header
  Index columns = 0;
  Index body = 0;  ///< where the first row begins, in bytes of the text
  Index rows = 0;
  bool takes_missing = false;  ///< as NaN
  bool takes_any = false;      ///< another matrix says whether it is known

  void set_header(bool transpose, MatrixHeader& header) const {
    header.rows = transpose ? columns : rows;
    header.columns = transpose ? rows : columns;
    header.stored = rows * columns;
    check_sizes(path, header.rows, header.columns);
  }
};

/// Throws BadData where the last field goes on in the next line, or behind its quotes.
void require_end_of_quote(const TableFields& fields, const LineReader& lines);

/// The numbers of one row at a time.
class RowReader {
 public:
  /// @pre both outlive it
  RowReader(const Table& table, const LineReader& lines) : table_(table), lines_(lines) {
    values_.resize(static_cast<std::size_t>(table.columns));
  }
  /// Those of this line, in their order. Throws BadData: not a number, missing, infinite, or not as many as the
  /// first row has.
  const std::vector<double>& read(std::string_view line);

 private:
  double number(std::string_view field, Index column) const;

  const Table& table_;
  const LineReader& lines_;
  std::vector<double> values_;
};

}  // namespace mpinmf::io
