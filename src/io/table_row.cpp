#include "table_row.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "tokens.hpp"

namespace mpinmf::io {
namespace {

/// What stands in a field, for messages; counted from 1, as editors do.
std::string place_text(const Table& table, Index column) {
  const auto at = static_cast<std::size_t>(column);
  const Index shown = column + 1 + (table.layout.has_row_names ? 1 : 0);
  return at < table.names.size() ? fmt::format("column {} ('{}')", shown, table.names[at])
                                 : fmt::format("column {}", shown);
}

}  // namespace

void require_end_of_quote(const TableFields& fields, const LineReader& lines) {
  if (fields.has_open_quote())
    throw lines.fault("a quoted field goes on in the next line, which is not supported; write it in one line");
  if (fields.behind_quote().empty()) return;
  throw lines.fault(
      fmt::format("{} follows the quote that ends a field; name another --delimiter, or put the whole field in "
                  "quotes, each quote in it twice",
                  quote(fields.behind_quote())));
}

const std::vector<double>& RowReader::read(std::string_view line) {
  TableFields fields(line, table_.layout.delimiter);
  Index column = table_.layout.has_row_names ? -1 : 0;
  while (const std::optional<std::string_view> field = fields.next()) {
    require_end_of_quote(fields, lines_);
    if (column >= 0 && column < table_.columns) {
      values_[static_cast<std::size_t>(column)] = number(*field, column);
    }
    ++column;
  }
  column = std::max<Index>(column, 0);
  if (column == table_.columns) return values_;
  throw lines_.fault(fmt::format("{} number{} where the first row has {}; correct the line, or {}", column,
                                 column == 1 ? "" : "s", table_.columns,
                                 column == table_.columns + 1 && !table_.layout.has_header
                                     ? "say --header yes where the first line names columns"
                                     : "name another --delimiter"));
}

double RowReader::number(std::string_view field, Index column) const {
  double value = 0;
  if (parse_number(field, table_.layout.decimal, value) && value == value) {
    if (value <= std::numeric_limits<double>::max() || table_.takes_any) return value + 0.0;  // -0 becomes 0
    throw lines_.fault(fmt::format("an infinite entry {} in {}", quote(field), place_text(table_, column)));
  }
  if (is_missing(field)) {
    if (table_.takes_missing) return std::numeric_limits<double>::quiet_NaN();
    throw lines_.fault(fmt::format("a missing value {} in {}; where it is not known, fit with --missing nan",
                                   quote(field), place_text(table_, column)));
  }
  const auto [mark, other] =
      table_.layout.decimal == ',' ? std::pair("commas", "point") : std::pair("points", "comma");
  throw lines_.fault(
      fmt::format("{} in {} is not a number (decimal marks are {}; --decimal {} changes that{}); correct it, or "
                  "remove the column",
                  quote(field), place_text(table_, column), mark, other,
                  has_thousands(field, table_.layout.decimal) ? "; thousands have no marks" : ""));
}

}  // namespace mpinmf::io
