#include "table.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <vector>

#include "counted_pieces.hpp"
#include "entry_batch.hpp"
#include "file.hpp"
#include "format.hpp"
#include "npy_file.hpp"
#include "table_fields.hpp"
#include "table_row.hpp"
#include "tokens.hpp"

namespace mpinmf::io {
namespace {

bool is_comment(std::string_view line) {
  return line.starts_with('#');
}

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
      require_end_of_quote(fields, lines);
      names->push_back(without_doubled_quotes(*field));
    }
  }
  throw lines.fault("the table ends before its first row of numbers");
}

/// f(line) for all rows that `lines` have, of which `line` is the first. Whether a blank line is behind the last.
template <class F>
bool for_rows_from(LineReader& lines, std::string_view line, F&& f) {
  bool is_behind_blank = false;
  do {
    if (is_blank(line)) {
      is_behind_blank = true;
      continue;
    }
    if (is_behind_blank) throw lines.fault("follows a blank line within the table; remove that");
    f(line);
  } while (lines.next(line));
  return is_behind_blank;
}

/// f(row, line, lines) for all rows, from front to back. Returns how many there are.
template <class F>
Index for_rows(const Table& table, F&& f) {
  LineReader lines(table.path);
  const std::string_view first = first_row(lines, table.layout, nullptr, nullptr);
  Index row = 0;
  for_rows_from(lines, first, [&](std::string_view line) { f(row++, line, lines); });
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

/// A piece is a share of a file's bytes.
class TablePieces final : public CountedPieces {
 public:
  TablePieces(Table table, bool transpose)
      : CountedPieces(table.path), table_(std::move(table)), transpose_(transpose) {}

  void read_all(const TakeEntries& take) override { TableStream(table_, transpose_).read_all(take); }
  void read(int part, int parts, const TakeEntries& take) override {
    Index row = counted_before(part, parts);
    LineReader lines(table_.path, piece_of_text(table_.path, table_.body, part, parts));
    RowReader reader(table_, lines);
    EntryBatch batch(take, false, transpose_);
    std::string_view line;
    while (lines.next(line)) {
      if (is_blank(line)) continue;
      if (row >= table_.rows) throw other_rows();
      add_row(batch, row++, reader.read(line));
    }
    batch.flush();
  }
  void require_total(Index found) override {
    if (found != table_.rows * table_.columns) throw other_rows();
  }

 private:
  Counts count_piece(int part, int parts) const override {
    LineReader lines(table_.path, piece_of_text(table_.path, table_.body, part, parts));
    Index rows = 0;
    std::string_view line;
    if (!lines.next(line)) return {0, 0};
    const bool ends_blank = for_rows_from(lines, line, [&](std::string_view) { ++rows; });
    return {rows, ends_blank ? 1 : 0};
  }
  void use_counts(std::span<const Counts> of_pieces, MatrixHeader& header) override {
    bool is_behind_blank = false;
    for (const auto& [rows, ends_blank, none, nothing] : of_pieces) {
      if (is_behind_blank && rows > 0) for_rows(table_, [](Index, std::string_view, const LineReader&) {});
      is_behind_blank = is_behind_blank || ends_blank != 0;
      table_.rows += rows;
    }
    table_.set_header(transpose_, header);
  }
  BadData other_rows() const {
    return BadData(fmt::format("{}: had {} rows when it was opened, and has other numbers now; load it again",
                               table_.path, table_.rows));
  }

  Table table_;
  bool transpose_;
};

Table look_at(const std::string& path, const LoadOptions& options) {
  Table table;
  table.takes_missing = options.missing == Missing::nan;
  table.takes_any = !options.mask.empty();
  table.path = path;
  ByteReader bytes(path);
  const std::string start = beginning_of(bytes);
  table.has_pieces = bytes.has_pieces();
  table.layout = layout_of_table(start, options.file);
  LineReader lines(path);
  const std::string_view line = first_row(lines, table.layout, &table.names, &table.body);
  TableFields fields(line, table.layout.delimiter);
  for (; fields.next(); ++table.columns) require_end_of_quote(fields, lines);
  if (table.layout.has_row_names) --table.columns;
  // where no number is missing, an empty corner is none of a row
  if (!table.names.empty() && table.names.front().empty() && !table.takes_missing)
    table.layout.guess = TableGuess::none;
  if (table.layout.has_row_names && static_cast<Index>(table.names.size()) == table.columns + 1)
    table.names.erase(table.names.begin());
  if (!table.names.empty() && static_cast<Index>(table.names.size()) != table.columns) {
    throw lines.fault(
        fmt::format("has {} numbers, but the header names {} columns", table.columns, table.names.size()));
  }
  if (!table.has_pieces) table.rows = for_rows(table, [](Index, std::string_view, const LineReader&) {});
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
  Table table = look_at(path, options);
  const bool transpose = options.transpose;
  Source source;
  source.name = path;
  source.labels = labels_of(table);
  source.is_counted = !table.has_pieces;
  source.header.guess = table.layout.guess;
  if (table.has_pieces) {
    source.header.columns = transpose ? 0 : table.columns;
    source.reader = std::make_unique<TablePieces>(std::move(table), transpose);
  } else {
    table.set_header(transpose, source.header);
    source.header.unpacked_by_one = static_cast<double>(std::filesystem::file_size(path));
    source.reader = std::make_unique<TableStream>(std::move(table), transpose);
  }
  return source;
}

template <class Row>
Row format_row(FormatFile<struct TableFormat>) {
  return {.name = "a table of numbers (CSV, TSV; also gzip'd)",
          .key = "table",
          .recognises = [](std::string_view start,
                           const FileReading& file) { return table_layout(start, file).has_value(); },
          .is_called_so = is_called_table,
          .takes = "delimiter decimal header row-names",
          .open = [](const Location& at, const LoadOptions& options) { return open_table(at.file, options); }};
}
template Format format_row(FormatFile<struct TableFormat>);

}  // namespace mpinmf::io
