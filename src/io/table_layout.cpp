#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "mpinmf/error.hpp"
#include "strangers.hpp"
#include "table.hpp"
#include "table_fields.hpp"
#include "tokens.hpp"

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

/// Those to try, in this order.
std::string delimiters(const FileReading& file, char decimal) {
  const std::string& name = file.delimiter;
  if (name.empty()) return decimal == ',' ? "\t; " : "\t;, ";
  constexpr std::pair<std::string_view, char> named[] = {{"tab", '\t'},  {"\\t", '\t'},   {"semicolon", ';'},
                                                         {"comma", ','}, {"blanks", ' '}, {"blank", ' '}};
  for (const auto& [known, delimiter] : named) {
    if (name == known) return {delimiter};
  }
  const bool is_fit =
      name.size() == 1 && std::string_view("0123456789+-.\"'\n\r").find(name) == std::string_view::npos;
  if (is_fit && name.front() > 0) return name;
  throw UsageError(fmt::format(
      "--delimiter is tab, semicolon, comma, blanks, or one character that is no part of numbers, not {}",
      quote(name)));
}

char decimal_mark(const FileReading& file) {
  if (file.decimal.empty() || file.decimal == "point" || file.decimal == ".") return '.';
  if (file.decimal == "comma" || file.decimal == ",") return ',';
  throw UsageError(fmt::format("--decimal is point or comma, not {}", quote(file.decimal)));
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

bool is_number(std::string_view field, char decimal) {
  double value = 0;
  return !is_missing(field) && parse_number(field, decimal, value);
}

/// One number a line, under a name perhaps.
std::optional<TableLayout> column_layout(std::string_view start, char decimal) {
  const char delimiter = decimal == ',' ? ';' : ',';
  std::string_view rest = start.substr(0, start.rfind('\n'));
  const std::string_view first = next_line(rest);
  bool has_data = false;
  while (!rest.empty()) {
    const std::string_view line = next_line(rest);
    if (line.empty()) break;
    const std::vector<std::string_view> fields = fields_of(line, delimiter);
    if (fields.size() != 1 || !is_number(fields[0], decimal)) return {};
    has_data = true;
  }
  if (first.empty() || fields_of(first, delimiter).size() != 1) return {};
  const bool has_header = !is_number(fields_of(first, delimiter)[0], decimal) || are_quoted(first, "");
  if (has_header && !has_data) return {};
  return TableLayout{delimiter, decimal, has_header, false};
}

}  // namespace

std::string beginning_of(ByteSource& bytes) {
  std::string start(stranger_bytes, '\0');
  start.resize(bytes.read(start.data(), start.size()));
  if (start.starts_with(byte_order_mark)) start.erase(0, byte_order_mark.size());
  const auto needs_more = [&] {
    std::string_view rest = start;
    next_line(rest);
    next_line(rest);
    return rest.empty();
  };
  while (start.size() < 2 * longest_line && is_text(start) && needs_more()) {
    const std::size_t before = start.size();
    start.resize(2 * before);
    start.resize(before + bytes.read(start.data() + before, before));
    if (start.size() == before) break;
  }
  return start;
}

std::optional<TableLayout> table_layout(std::string_view start, const FileReading& file) {
  const char decimal = decimal_mark(file);
  const std::string candidates = delimiters(file, decimal);
  if (candidates == std::string(1, decimal)) {
    throw UsageError("--delimiter and --decimal are both a comma: name another delimiter");
  }
  if (!is_text(start)) return {};
  const auto is_value = [decimal](std::string_view field) {
    double value = 0;
    return is_missing(field) || parse_number(field, decimal, value);
  };
  // such a field is no name of a row, but a fault that is found when it is read
  const auto other_mark = [decimal](std::string_view field) {
    double value = 0;
    return parse_number(field, decimal == '.' ? ',' : '.', value);
  };
  const bool may_be_narrow = !file.delimiter.empty() || !file.format.empty();
  std::string_view rest = start;
  const std::string_view first = next_line(rest), second = next_line(rest);
  const std::string_view data = second.empty() ? first : second;
  for (const char delimiter : candidates) {
    if (!may_be_narrow && data.find(delimiter) == std::string_view::npos) continue;
    const std::vector<std::string_view> names = fields_of(first, delimiter), fields = fields_of(data, delimiter);
    if (may_be_narrow && fields.size() == 1) {
      if (delimiter == candidates.back()) return TableLayout{delimiter, decimal, !is_value(names.front()), false};
      continue;
    }
    const bool is_named = !file.delimiter.empty();
    if (fields.size() < 2 || (!is_named && !is_value(fields[1]))) return {};
    const bool names_are_numbers = names.size() > 1 && is_value(names[1]) && is_value(names.back());
    const bool has_header =
        !second.empty() && (!names_are_numbers || are_quoted(first, data) || are_numbered(names));
    // pandas leaves the corner of its index empty, R leaves it out
    const bool has_index = has_header && (names.size() + 1 == fields.size() || names.front().empty());
    return TableLayout{delimiter, decimal, has_header,
                       has_index || !(is_value(fields[0]) || other_mark(fields[0]))};
  }
  return column_layout(start, decimal);
}

}  // namespace mpinmf::io
