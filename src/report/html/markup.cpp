#include "markup.hpp"

#include <fmt/core.h>

#include <cmath>
#include <cstdint>

#include "report/display_width.hpp"

namespace mpinmf::report::html {
namespace {

/// A path may go on in the next line behind a slash, so that its last part stays whole.
std::string with_breaks(const std::string& text) {
  std::string html;
  for (const char c : escaped(text)) html += c == '/' ? "/<wbr>" : std::string(1, c);
  return html;
}

std::string cell_html(const Cell& cell, bool is_header) {
  const std::string attributes =
      cell.value ? fmt::format(" class=\"number\" data-value=\"{:.17g}\"", *cell.value) : "";
  const char* tag = is_header ? "th" : "td";
  return fmt::format("<{}{}{}>{}</{}>", tag, is_header ? " scope=\"row\"" : "", attributes, with_breaks(cell.text),
                     tag);
}

std::string rows_html(const char* part, const std::vector<std::vector<Cell>>& rows) {
  if (rows.empty()) return "";
  std::string html = fmt::format("<{}>\n", part);
  for (const auto& row : rows) {
    html += "<tr>";
    for (std::size_t i = 0; i < row.size(); ++i) html += cell_html(row[i], i == 0);
    html += "</tr>\n";
  }
  return html + fmt::format("</{}>\n", part);
}

/// A column of numbers has its header on the right, as they are.
bool holds_numbers(const Table& table, std::size_t column) {
  for (const auto& row : table.rows) {
    if (column < row.size() && row[column].value) return true;
  }
  return false;
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string html;
  for (const char c : shown(text)) {
    switch (c) {
      case '&': html += "&amp;"; break;
      case '<': html += "&lt;"; break;
      case '>': html += "&gt;"; break;
      case '"': html += "&quot;"; break;
      case '\'': html += "&#39;"; break;
      default: html += c;
    }
  }
  return html;
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      group = group << 8 | (j < count ? static_cast<unsigned char>(bytes[i + j]) : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) text += j <= count ? digits[group >> (18 - 6 * j) & 63] : '=';
  }
  return text;
}

Cell number_cell(std::optional<double> value) {
  if (!value || !std::isfinite(*value)) return {};
  return {fmt::format("{:.4g}", *value), value};
}

std::string table_html(const Table& table) {
  std::string head;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    head += fmt::format("<th scope=\"col\"{}>{}</th>", holds_numbers(table, i) ? " class=\"number\"" : "",
                        escaped(table.columns[i]));
  }
  const std::string caption = escaped(table.caption);
  return fmt::format(
             "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{0}\"><table{1}>\n"
             "<caption><span>{0}</span></caption>\n{2}",
             caption, table.is_sortable ? " class=\"sortable\"" : "",
             head.empty() ? "" : fmt::format("<thead><tr>{}</tr></thead>\n", head)) +
         rows_html("tbody", table.rows) + rows_html("tfoot", table.foot) + "</table></div>\n";
}

std::string section_html(const std::string& id, const std::string& title, const std::string& content) {
  if (content.empty()) return "";
  return fmt::format("<section id=\"{0}\" aria-labelledby=\"{0}-title\">\n<h2 id=\"{0}-title\">{1}</h2>\n", id,
                     escaped(title)) +
         content + "</section>\n";
}

}  // namespace mpinmf::report::html
