#include "table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <vector>

#include "entry_batch.hpp"
#include "file.hpp"
#include "format.hpp"
#include "npy_file.hpp"
#include "table_fields.hpp"
#include "tokens.hpp"

namespace mpinmf::io {
namespace {

/// What is known of a table once it has been opened.
struct Table {
  std::string path;
  TableLayout layout;
  bool is_compressed = false;
  std::vector<std::string> names;  ///< of columns, where there is a header
  Index columns = 0;
  Index body = 0, end = 0;  ///< bytes of the first row and behind the last; of what gzip holds
  Index rows = 0;
};

bool is_comment(std::string_view line) {
  return line.starts_with('#');
}

/// What stands in a field, for messages; counted from 1, as editors do.
std::string place_text(const Table& table, Index column) {
  const auto at = static_cast<std::size_t>(column);
  const Index shown = column + 1 + (table.layout.has_row_names ? 1 : 0);
  return at < table.names.size() ? fmt::format("column {} ('{}')", shown, table.names[at])
                                 : fmt::format("column {}", shown);
}

/// The numbers of one row at a time.
class RowReader {
 public:
  /// @pre both outlive it
  RowReader(const Table& table, const LineReader& lines) : table_(table), lines_(lines) {
    values_.resize(static_cast<std::size_t>(table.columns));
  }

  const std::vector<double>& read(std::string_view line) {
    TableFields fields(line, table_.layout.delimiter);
    Index column = table_.layout.has_row_names ? -1 : 0;
    while (const std::optional<std::string_view> field = fields.next()) {
      if (fields.has_open_quote()) {
        throw lines_.fault(
            "a quoted field goes on in the next line, which is not supported; write it in one line");
      }
      if (column >= 0 && column < table_.columns) {
        values_[static_cast<std::size_t>(column)] = number(*field, column);
      }
      ++column;
    }
    column = std::max<Index>(column, 0);
    if (column == table_.columns) return values_;
    throw lines_.fault(
        fmt::format("{} number{} where the first row has {}; correct the line, or name another --delimiter",
                    column, column == 1 ? "" : "s", table_.columns));
  }

 private:
  double number(std::string_view field, Index column) const {
    double value = 0;
    if (parse_number(field, table_.layout.decimal, value) && value == value) {
      if (value <= std::numeric_limits<double>::max()) return value + 0.0;  // -0 becomes 0
      throw lines_.fault(fmt::format("an infinite entry {} in {}", quote(field), place_text(table_, column)));
    }
    if (is_missing(field)) {
      throw lines_.fault(
          fmt::format("a missing value {} in {}; missing values are not supported yet: remove or fill "
                      "them",
                      quote(field), place_text(table_, column)));
    }
    const auto [mark, other] =
        table_.layout.decimal == ',' ? std::pair("commas", "point") : std::pair("points", "comma");
    throw lines_.fault(
        fmt::format("{} in {} is not a number (decimal marks are {}; --decimal {} changes that); correct it, or "
                    "remove the column",
                    quote(field), place_text(table_, column), mark, other));
  }

  const Table& table_;
  const LineReader& lines_;
  std::vector<double> values_;
};

void add_row(EntryBatch& batch, Index row, const std::vector<double>& values) {
  for (std::size_t j = 0; j < values.size(); ++j) batch.add(row, static_cast<Index>(j), values[j]);
}

/// Goes to the first row. Names of columns go to `names`.
std::string_view first_row(LineReader& lines, const TableLayout& layout, std::vector<std::string>* names,
                           Index* body) {
  std::string_view line;
  bool needs_header = layout.has_header;
  for (Index at = 0; lines.next(line); at = lines.position()) {
    if (is_blank(line) || is_comment(line)) continue;
    if (!needs_header) {
      if (body != nullptr) *body = at;
      return line;
    }
    needs_header = false;
    if (names == nullptr) continue;
    TableFields fields(line, layout.delimiter);
    while (const std::optional<std::string_view> field = fields.next()) {
      names->push_back(without_doubled_quotes(*field));
    }
  }
  throw lines.fault("the table ends before its first row of numbers");
}

/// f(row, line, lines) for all rows, from front to back. Returns how many there are.
template <class F>
Index for_rows(const Table& table, F&& f) {
  LineReader lines(table.path);
  std::string_view line = first_row(lines, table.layout, nullptr, nullptr);
  Index row = 0, blank = 0;
  do {
    if (is_blank(line)) {
      blank = blank == 0 ? lines.number() : blank;
      continue;
    }
    if (blank != 0) {
      throw lines.fault(fmt::format("follows a blank line (line {}) within the table; remove that", blank));
    }
    f(row++, line, lines);
  } while (lines.next(line));
  return row;
}

class TableStream final : public EntryStream {
 public:
  TableStream(Table table, bool transpose) : table_(std::move(table)), transpose_(transpose) {}

  void read_all(const TakeEntries& take) override {
    EntryBatch batch(take, false, transpose_);
    std::optional<RowReader> reader;
    for_rows(table_, [&](Index row, std::string_view line, const LineReader& lines) {
      if (!reader) reader.emplace(table_, lines);
      add_row(batch, row, reader->read(line));
    });
    batch.flush();
  }

 private:
  Table table_;
  bool transpose_;
};

/// A plain file: a piece is a share of its bytes.
class TablePieces final : public EntryPieces {
 public:
  TablePieces(Table table, bool transpose) : table_(std::move(table)), transpose_(transpose) {}

  void read_all(const TakeEntries& take) override { TableStream(table_, transpose_).read_all(take); }
  void read(int part, int parts, const TakeEntries& take) override {
    const Index bytes = table_.end - table_.body;
    const auto begin = [&](int p) { return table_.body + piece_begin(bytes, p, parts); };
    LineReader lines(table_.path, begin(part), begin(part + 1));
    Index row = line_ends(table_.path, table_.body, lines.position());
    RowReader reader(table_, lines);
    EntryBatch batch(take, false, transpose_);
    std::string_view line;
    while (lines.next(line)) {
      if (is_blank(line)) throw lines.fault("a blank line within the table; remove it");
      add_row(batch, row++, reader.read(line));
    }
    batch.flush();
  }
  void require_total(Index found) override {
    if (found == table_.rows * table_.columns) return;
    throw BadData(fmt::format("{}: had {} rows when it was opened, and has other numbers now; load it again",
                              table_.path, table_.rows));
  }

 private:
  Table table_;
  bool transpose_;
};

/// Where the last line that is not blank ends, its line end included. @pre there is one
Index end_of_text(const std::string& path) {
  const File file = File::open_to_read(path);
  const Index size = file.size();
  std::vector<std::byte> block;
  for (Index end = size; end > 0;) {
    const Index begin = std::max<Index>(0, end - (Index{1} << 16));
    block.resize(static_cast<std::size_t>(end - begin));
    file.read_at(begin, block);
    for (Index at = end; at > begin; --at) {
      const char c = static_cast<char>(block[static_cast<std::size_t>(at - 1 - begin)]);
      if (c == '\n' || c == '\r' || c == ' ' || c == '\t') continue;
      return std::min(size, at + 1);
    }
    end = begin;
  }
  return 0;
}

Table look_at(const std::string& path, const FileReading& file) {
  Table table;
  table.path = path;
  ByteReader bytes(path);
  const std::string start = beginning_of(bytes);
  table.is_compressed = bytes.is_compressed();
  table.layout = table_layout(start, file).value_or(TableLayout());
  LineReader lines(path);
  const std::string_view line = first_row(lines, table.layout, &table.names, &table.body);
  TableFields fields(line, table.layout.delimiter);
  while (fields.next()) ++table.columns;
  if (table.layout.has_row_names) --table.columns;
  if (table.layout.has_row_names && static_cast<Index>(table.names.size()) == table.columns + 1)
    table.names.erase(table.names.begin());
  if (!table.names.empty() && static_cast<Index>(table.names.size()) != table.columns) {
    throw lines.fault(
        fmt::format("has {} numbers, but the header names {} columns", table.columns, table.names.size()));
  }
  if (table.is_compressed) {
    table.rows = for_rows(table, [](Index, std::string_view, const LineReader&) {});
    return table;
  }
  table.end = end_of_text(path);
  table.rows = line_ends(path, table.body, table.end - 1) + 1;
  return table;
}

Labels labels_of(const Table& table) {
  Labels labels;
  if (!table.names.empty()) {
    labels.columns = [names = table.names](const std::function<void(std::string_view)>& take) {
      for (const std::string& name : names) take(name);
    };
  }
  if (table.layout.has_row_names) {
    labels.rows = [table](const std::function<void(std::string_view)>& take) {
      for_rows(table, [&](Index, std::string_view line, const LineReader&) {
        TableFields fields(line, table.layout.delimiter);
        take(without_doubled_quotes(fields.next().value_or("")));
      });
    };
  }
  return labels;
}

}  // namespace

Source open_table(const std::string& path, const LoadOptions& options) {
  Table table = look_at(path, options.file);
  const bool transpose = options.transpose;
  MatrixHeader header;
  header.rows = transpose ? table.columns : table.rows;
  header.columns = transpose ? table.rows : table.columns;
  header.stored = table.rows * table.columns;
  check_sizes(path, header.rows, header.columns);
  const Labels labels = labels_of(table);
  if (table.is_compressed)
    return {path, header, std::make_unique<TableStream>(std::move(table), transpose), labels};
  return {path, header, std::make_unique<TablePieces>(std::move(table), transpose), labels};
}

template <class Row>
Row format_row(FormatFile<struct TableFormat>) {
  return {.name = "a table of numbers (CSV, TSV; also gzip'd)",
          .key = "table",
          .recognises = [](std::string_view start,
                           const FileReading& file) { return table_layout(start, file).has_value(); },
          .takes = "delimiter decimal",
          .open = [](const Location& at, const LoadOptions& options) { return open_table(at.file, options); }};
}
template Format format_row(FormatFile<struct TableFormat>);

}  // namespace mpinmf::io
