// Tables of text in aligned columns.
#pragma once

#include <string>
#include <vector>

namespace mpinmf::report {

/// Columns as wide as their widest cell, two blanks between them.
class TextTable {
 public:
  struct Column {
    std::string head;
    bool is_number = false;  ///< aligned to the right
    std::size_t most = 100;  ///< columns of the terminal; longer texts are cut
  };
  explicit TextTable(std::vector<Column> columns) : columns_(std::move(columns)) {}

  /// One cell a column.
  void add(std::vector<std::string> cells);
  /// With the heads, each line after so many blanks; columns that are empty throughout are left out.
  std::string text(std::size_t indent) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace mpinmf::report
