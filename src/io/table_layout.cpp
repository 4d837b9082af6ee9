#include <fmt/format.h>

#include <algorithm>
#include <span>
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

/// Whether the delimiter may be that of the line: not where it would stand in quotes alone, or where something
/// follows the quotes of a field.
bool may_delimit(std::string_view line, char delimiter) {
  std::size_t count = 0;
  TableFields in(line, delimiter);
  while (in.next()) ++count;
  return count > 1 && in.behind_quote().empty();
}

std::vector<std::string_view> fields_of(std::string_view line, char delimiter) {
  std::vector<std::string_view> fields;
  TableFields in(line, delimiter);
  while (const std::optional<std::string_view> field = in.next()) fields.push_back(*field);
  return fields;
}

/// Those to try, in this order.
std::string delimiters(const FileReading& file) {
  const std::string& name = file.delimiter;
  if (name.empty()) return "\t;, ";
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

/// Nothing: the first lines tell. Throws UsageError.
std::optional<bool> asked_for(const char* option, const std::string& text) {
  if (text.empty() || text == "auto") return {};
  if (text == "yes" || text == "no") return text == "yes";
  throw UsageError(fmt::format("--{} is yes, no or auto, not {}", option, quote(text)));
}

/// Numbers in quotes are names where those below have none.
bool are_quoted(std::string_view first, std::string_view data) {
  return first.ends_with('"') && !data.ends_with('"');
}

bool is_number(std::string_view field, char decimal) {
  double value = 0;
  return !is_missing(field) && parse_number(field, decimal, value);
}

bool is_value(std::string_view field, char decimal) {
  return is_missing(field) || is_number(field, decimal);
}

/// A number with another decimal mark is no name, but a fault that is found when it is read.
bool is_word(std::string_view field, char decimal) {
  return !is_value(field, decimal) && !is_number(field, decimal == '.' ? ',' : '.');
}

using Fields = std::span<const std::string_view>;

/// Whether these are 0, 1, 2, ..., as pandas numbers columns without names.
bool are_numbered(Fields names) {
  for (std::size_t j = 0; j < names.size(); ++j) {
    if (names[j] != std::to_string(j)) return false;
  }
  return true;
}

/// Whether numbers may be names of columns: no two are the same, and they are whole, as years are, or ascend.
bool may_be_names(Fields numbers, char decimal) {
  std::vector<double> values;
  bool are_whole = true;
  for (const std::string_view field : numbers) {
    if (!is_number(field, decimal)) return false;
    parse_number(field, decimal, values.emplace_back());
    are_whole = are_whole && field.find_first_not_of("0123456789") == std::string_view::npos;
  }
  const bool ascend = std::is_sorted(values.begin(), values.end());
  if (!ascend) std::sort(values.begin(), values.end());
  return (are_whole || ascend) && std::adjacent_find(values.begin(), values.end()) == values.end();
}

/// Whether the first of two lines names columns, although it has numbers behind its first field.
bool numbers_are_header(Fields first, Fields second, char decimal, TableGuess& guess) {
  const Fields numbers = first.subspan(1);
  const bool is_word_below = is_word(second.front(), decimal);
  if (first.size() + 1 == second.size()) return is_word_below;
  if (first.front().empty()) {
    if (is_word_below || are_numbered(numbers)) return true;
    if (may_be_names(numbers, decimal)) guess = TableGuess::numbers_name_columns;
  } else if (!is_word(first.front(), decimal)) {
    constexpr std::size_t least = 3;  // fewer are found in any matrix
    if (first.size() >= least && are_numbered(first)) guess = TableGuess::numbers_are_a_row;
  } else if (!is_word_below) {
    guess = TableGuess::numbers_are_a_column;
    return true;
  } else if (numbers.size() > 1 && may_be_names(numbers, decimal)) {
    guess = TableGuess::numbers_name_columns;
  }
  return guess == TableGuess::numbers_name_columns;
}

/// Sets what names there are. `first` and `second`: lines, the second empty where there is one alone, and their
/// fields, then of that one.
void find_names(std::string_view first, std::string_view second, Fields names, Fields fields,
                const FileReading& file, TableLayout& layout) {
  const char decimal = layout.decimal;
  const std::optional<bool> header = asked_for("header", file.header),
                            rows = asked_for("row-names", file.row_names);
  const auto is_number_above = [decimal](std::string_view field) {
    return is_value(field, decimal) || has_thousands(field, decimal);  // a fault that is found when it is read
  };
  const bool are_numbers = names.size() > 1 && is_number_above(names[1]) && is_number_above(names.back());
  layout.has_header = header.value_or(
      !are_numbers || (!second.empty() &&
                       (are_quoted(first, second) || numbers_are_header(names, fields, decimal, layout.guess))));
  // pandas leaves the corner of its index empty, R leaves it out
  const bool has_index = layout.has_header && (names.size() + 1 == fields.size() || names.front().empty());
  layout.has_row_names = rows.value_or(has_index || is_word(fields.front(), decimal) ||
                                       (!layout.has_header && is_word(names.front(), decimal)));
  const bool is_of_rows = layout.guess == TableGuess::numbers_are_a_column;
  if (is_of_rows ? rows || !layout.has_header : header.has_value()) layout.guess = TableGuess::none;
}

/// One number a line, under a name perhaps.
std::optional<TableLayout> column_layout(std::string_view start, char decimal, const FileReading& file) {
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
  const bool has_header =
      asked_for("header", file.header)
          .value_or(!is_number(fields_of(first, delimiter)[0], decimal) || are_quoted(first, ""));
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

namespace {

/// `is_table`: whatever stands in its second column.
std::optional<TableLayout> find_layout(std::string_view start, const FileReading& file, bool is_table) {
  const char decimal = decimal_mark(file);
  const std::string candidates = delimiters(file);
  std::string_view rest = start;
  const std::string_view first = next_line(rest), second = next_line(rest);
  const std::string_view data = second.empty() ? first : second;
  const bool has_quotes =
      data.find('"') != std::string_view::npos;  // then numbers may have commas, as pandas writes
  if (candidates == std::string(1, decimal) && !has_quotes) {
    throw UsageError(
        "--delimiter and --decimal are both a comma: name another delimiter, or put numbers with commas in "
        "quotes");
  }
  if (!is_text(start)) return {};
  const bool is_asked = !file.delimiter.empty(), may_be_narrow = is_asked || !file.format.empty();
  for (const char delimiter : candidates) {
    if (!is_asked && delimiter == decimal && !has_quotes) continue;
    if (!is_asked && !may_delimit(data, delimiter) && (!may_be_narrow || delimiter != candidates.back())) continue;
    const std::vector<std::string_view> names = fields_of(first, delimiter), fields = fields_of(data, delimiter);
    if (may_be_narrow && fields.size() == 1) {
      const std::optional<bool> header = asked_for("header", file.header);
      return TableLayout{delimiter, decimal, header.value_or(!is_value(names.front(), decimal)), false};
    }
    const bool is_named = is_table || !file.delimiter.empty();
    if (fields.size() < 2 || (!is_named && !is_value(fields[1], decimal))) return {};
    TableLayout layout{delimiter, decimal};
    find_names(first, second, names, fields, file, layout);
    return layout;
  }
  return column_layout(start, decimal, file);
}

}  // namespace

std::optional<TableLayout> table_layout(std::string_view start, const FileReading& file) {
  return find_layout(start, file, false);
}

TableLayout layout_of_table(std::string_view start, const FileReading& file) {
  if (const std::optional<TableLayout> layout = find_layout(start, file, true)) return *layout;
  TableLayout layout;
  layout.decimal = decimal_mark(file);
  std::string_view rest = start;
  const std::vector<std::string_view> first = fields_of(next_line(rest), layout.delimiter);
  layout.has_header =
      asked_for("header", file.header).value_or(!first.empty() && !is_value(first.front(), layout.decimal));
  return layout;
}

bool is_called_table(const std::string& path, std::string_view start) {
  std::string name = in_lower_case(path);
  if (name.ends_with(".gz")) name.erase(name.size() - 3);
  return !start.empty() && is_text(start) && (name.ends_with(".csv") || name.ends_with(".tsv"));
}

}  // namespace mpinmf::io
