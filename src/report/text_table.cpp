#include "text_table.hpp"

#include <algorithm>

#include "display_width.hpp"

namespace mpinmf::report {

void TextTable::add(std::vector<std::string> cells) {
  for (std::size_t c = 0; c < cells.size(); ++c) cells[c] = shown(cells[c], columns_[c].most);
  rows_.push_back(std::move(cells));
}

std::string TextTable::text(std::size_t indent) const {
  std::vector<std::string> lines(rows_.size() + 1, std::string(indent, ' '));
  bool is_first = true;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    std::size_t width = 0;
    for (const auto& row : rows_) width = std::max(width, display_width(row[c]));
    if (width == 0) continue;
    width = std::max(width, display_width(columns_[c].head));
    for (std::size_t line = 0; line < lines.size(); ++line) {
      const std::string& cell = line == 0 ? columns_[c].head : rows_[line - 1][c];
      lines[line] += is_first ? "" : "  ";
      lines[line] += columns_[c].is_number ? right_aligned(cell, width) : left_aligned(cell, width);
    }
    is_first = false;
  }
  std::string text;
  for (std::string& line : lines) text += line.erase(line.find_last_not_of(' ') + 1) + "\n";
  return text;
}

}  // namespace mpinmf::report
