// Text, pictures and tables as HTML.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mpinmf::report::html {

/// `text` as characters of a page or of an attribute in double quotes. Control characters become blanks, bytes
/// that are no UTF-8 U+FFFD.
std::string escaped(std::string_view text);

/// RFC 4648, section 4.
std::string base64(std::string_view bytes);

struct Cell {
  std::string text;             ///< escaped when it is written
  std::optional<double> value;  ///< of a number: it stands to the right, and columns are sorted by it
};
/// A number as "{:.4g}", or an empty cell where it is not finite.
Cell number_cell(std::optional<double> value);

struct Table {
  std::string caption;
  std::vector<std::string> columns;
  std::vector<std::vector<Cell>> rows;
  std::vector<std::vector<Cell>> foot;  ///< stay below, however the rows are sorted
  bool is_sortable = true;
};
/// In a box that scrolls, as wide tables do on a telephone. The first cell of a row is its header.
std::string table_html(const Table& table);

/// <section> with a heading of level 2; nothing where there is no content.
std::string section_html(const std::string& id, const std::string& title, const std::string& content);

}  // namespace mpinmf::report::html
