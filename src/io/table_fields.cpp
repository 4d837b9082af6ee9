#include "table_fields.hpp"

#include <algorithm>

#include "tokens.hpp"

namespace mpinmf::io {
namespace {

constexpr std::string_view blanks = " \t";

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace

TableFields::TableFields(std::string_view line, char delimiter) : rest_(line), delimiter_(delimiter) {
  if (delimiter == ' ') rest_ = trimmed(rest_);
  is_over_ = rest_.empty();
}

std::optional<std::string_view> TableFields::next() {
  if (is_over_) return {};
  const std::size_t begin = rest_.find_first_not_of(delimiter_ == '\t' ? " " : blanks);
  if (begin != std::string_view::npos && rest_[begin] == '"') {
    rest_.remove_prefix(begin + 1);
    return quoted();
  }
  const std::size_t end = delimiter_ == ' ' ? rest_.find_first_of(blanks) : rest_.find(delimiter_);
  const std::string_view field = trimmed(rest_.substr(0, end));
  go_on_behind(end);
  return field;
}

/// `delimiter`: where it stands; npos: there is none, and the field before was the last.
void TableFields::go_on_behind(std::size_t delimiter) {
  is_over_ = delimiter == std::string_view::npos;
  if (is_over_) return;
  rest_.remove_prefix(delimiter + 1);
  if (delimiter_ == ' ') rest_.remove_prefix(std::min(rest_.find_first_not_of(blanks), rest_.size()));
}

/// From behind the quote on.
std::string_view TableFields::quoted() {
  std::size_t end = rest_.find('"');
  while (end != std::string_view::npos && rest_.substr(end + 1).starts_with('"')) end = rest_.find('"', end + 2);
  open_quote_ = end == std::string_view::npos;
  const std::string_view field = rest_.substr(0, end);
  rest_.remove_prefix(open_quote_ ? rest_.size() : end + 1);
  const std::size_t behind = delimiter_ == ' ' ? rest_.find_first_of(blanks) : rest_.find(delimiter_);
  if (behind_quote_.empty()) behind_quote_ = trimmed(rest_.substr(0, behind));
  go_on_behind(behind);
  return field;
}

std::string without_doubled_quotes(std::string_view field) {
  std::string result;
  for (std::size_t i = 0; i < field.size(); ++i) {
    result += field[i];
    if (field[i] == '"' && field.substr(i + 1).starts_with('"')) ++i;
  }
  return result;
}

bool is_missing(std::string_view field) {
  const std::string lower = in_lower_case(field);
  return lower.empty() || lower == "na" || lower == "n/a" || lower == "#n/a" || lower == "nan" ||
         lower == "null" || lower == "none";
}

bool parse_number(std::string_view field, char decimal, double& value) {
  if (decimal == '.') return parse(field, value);
  if (field.find('.') != std::string_view::npos) return false;
  std::string text(field);
  std::replace(text.begin(), text.end(), decimal, '.');
  return parse(text, value);
}

bool has_thousands(std::string_view field, char decimal) {
  constexpr std::size_t group = 3;
  const char marks[] = {decimal == '.' ? ',' : '.', ' ', '\'', '\0'};
  const std::string_view whole = field.substr(0, field.find(decimal));
  std::string digits;
  for (std::size_t begin = 0; begin <= whole.size();) {
    const std::size_t end = std::min(whole.find_first_of(marks, begin), whole.size());
    const bool is_group = begin == 0 ? end >= 1 && end <= group : end - begin == group;
    if (!is_group || (begin == 0 && end == whole.size())) return false;
    digits += whole.substr(begin, end - begin);
    begin = end + 1;
  }
  double value = 0;
  return parse_number(digits + std::string(field.substr(whole.size())), decimal, value);
}

}  // namespace mpinmf::io
