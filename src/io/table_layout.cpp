#include <algorithm>
#include <string>
#include <vector>

#include "table.hpp"
#include "table_fields.hpp"

namespace mpinmf::io {
namespace {

bool is_text(std::string_view start) {
  return std::all_of(start.begin(), start.end(), [](char c) {
    return static_cast<unsigned char>(c) >= ' ' || c == '\t' || c == '\n' || c == '\r';
  });
}

/// Takes the next line that is neither blank nor a comment from `rest`; empty when there is none.
std::string_view next_line(std::string_view& rest) {
  while (!rest.empty()) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.starts_with('#') && line.find_first_not_of(" \t") != std::string_view::npos) return line;
  }
  return {};
}

std::vector<std::string_view> fields_of(std::string_view line, char delimiter) {
  std::vector<std::string_view> fields;
  TableFields in(line, delimiter);
  while (const std::optional<std::string_view> field = in.next()) fields.push_back(*field);
  return fields;
}

/// As pandas numbers columns without names, with an empty corner above its index.
bool are_numbered(const std::vector<std::string_view>& names) {
  if (!names.front().empty()) return false;
  for (std::size_t j = 1; j < names.size(); ++j) {
    if (names[j] != std::to_string(j - 1)) return false;
  }
  return true;
}

/// Numbers in quotes are names where those below have none.
bool are_quoted(std::string_view first, std::string_view data) {
  return first.ends_with('"') && !data.ends_with('"');
}

bool is_number(std::string_view field) {
  return is_number_or_missing(field) && !is_missing(field);
}

/// One number a line, under a name perhaps.
std::optional<TableLayout> column_layout(std::string_view start) {
  constexpr char delimiter = ',';
  std::string_view rest = start.substr(0, start.rfind('\n'));
  const std::string_view first = next_line(rest);
  bool has_data = false;
  while (!rest.empty()) {
    const std::string_view line = next_line(rest);
    if (line.empty()) break;
    const std::vector<std::string_view> fields = fields_of(line, delimiter);
    if (fields.size() != 1 || !is_number(fields[0])) return {};
    has_data = true;
  }
  if (first.empty() || fields_of(first, delimiter).size() != 1) return {};
  const bool has_header = !is_number(fields_of(first, delimiter)[0]) || are_quoted(first, "");
  if (has_header && !has_data) return {};
  return TableLayout{delimiter, has_header, false};
}

}  // namespace

std::optional<TableLayout> table_layout(std::string_view start) {
  if (!is_text(start)) return {};
  std::string_view rest = start;
  const std::string_view first = next_line(rest), second = next_line(rest);
  const std::string_view data = second.empty() ? first : second;
  for (const char delimiter : {'\t', ';', ',', ' '}) {
    if (data.find(delimiter) == std::string_view::npos) continue;
    const std::vector<std::string_view> names = fields_of(first, delimiter), fields = fields_of(data, delimiter);
    if (fields.size() < 2 || !is_number_or_missing(fields[1])) return {};
    const bool names_are_numbers =
        names.size() > 1 && is_number_or_missing(names[1]) && is_number_or_missing(names.back());
    const bool has_header =
        !second.empty() && (!names_are_numbers || are_quoted(first, data) || are_numbered(names));
    // pandas leaves the corner of its index empty, R leaves it out
    const bool has_index = has_header && (names.size() + 1 == fields.size() || names.front().empty());
    return TableLayout{delimiter, has_header, has_index || !is_number_or_missing(fields[0])};
  }
  return column_layout(start);
}

}  // namespace mpinmf::io
