#include "matrix_market_entries.hpp"

#include <fmt/format.h>

#include "listed_value.hpp"
#include "tokens.hpp"

namespace mpinmf::io {
namespace {

constexpr bool is_space(char c) {
  return c == ' ' || c == '\t';
}
/// Takes the next word of `rest` if it is a plain number of few digits, as most are. Otherwise nothing is known.
bool take_plain(std::string_view& rest, Index& number) {
  std::string_view behind = rest;
  while (!behind.empty() && is_space(behind.front())) behind.remove_prefix(1);
  if (!take_digits(behind, number) || (!behind.empty() && !is_space(behind.front()))) return false;
  rest = behind;
  return true;
}
bool take_number(std::string_view& rest, Index& number) {
  return take_plain(rest, number) || parse(next_token(rest), number);
}

}  // namespace

bool EntryLines::next(std::string_view& line) {
  while (lines_.next(line)) {
    if (line.empty() || line.front() == '%') continue;
    if (!is_space(line.front()) || !is_blank(line)) return true;
  }
  return false;
}

ListedEntry EntryLines::coordinates(std::string_view line) const {
  std::string_view rest = line;
  Index row = 0, column = 0, count = 0;
  if (!take_number(rest, row) || !take_number(rest, column)) refuse_line(line);
  check_place(row, column);
  double value = 1;
  if (!banner_.pattern) {
    if (take_plain(rest, count)) {
      value = static_cast<double>(count);
    } else {
      const std::string_view token = next_token(rest);
      if (token.empty() || !parse(token, value)) refuse_line(line);
      value = checked(value, token, row - 1, column - 1);
    }
  }
  if (!is_blank(rest)) refuse_line(line);
  return {row - 1, column - 1, value, lines_.number()};
}

Index EntryLines::place_of(std::string_view line, bool by_column) const {
  std::string_view rest = line;
  Index place = 0;
  const bool is_known = take_number(rest, place) && (!by_column || take_number(rest, place));
  return is_known && place >= 1 && place <= (by_column ? banner_.columns : banner_.rows) ? place - 1 : -1;
}

double EntryLines::array_value(std::string_view line, Index row, Index column) const {
  std::string_view rest = line;
  const std::string_view token = next_token(rest);
  double value = 0;
  if (token.empty() || !parse(token, value)) refuse_line(line);
  value = checked(value, token, row, column);
  if (!is_blank(rest)) refuse_line(line);
  return value;
}

/// As the file has them, counted from 1.
void EntryLines::check_place(Index row, Index column) const {
  if (row == 0 || column == 0) {
    throw lines_.fault("an index is 0, but this format counts from 1; add 1 to all of them");
  }
  const bool row_fits = row > 0 && row <= banner_.rows, column_fits = column > 0 && column <= banner_.columns;
  if (!row_fits || !column_fits) {
    throw lines_.fault(
        fmt::format("row {}, column {} (counted from 0; {} {} in the file) lies outside of the "
                    "{} x {} matrix; correct the entry or {}",
                    row - 1, column - 1, row, column, banner_.rows, banner_.columns, banner_.sizes));
  }
}

double EntryLines::checked(double value, std::string_view token, Index row, Index column) const {
  return listed_value(lines_, {row, column, value}, token, limits_);
}

void EntryLines::refuse_line(std::string_view line) const {
  const char* expected = !banner_.coordinate ? "one number" : banner_.pattern ? "ROW COLUMN" : "ROW COLUMN VALUE";
  throw lines_.fault(fmt::format("{} expected, but the line is {}", expected, quote(line)));
}

}  // namespace mpinmf::io
