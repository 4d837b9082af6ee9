// Tables of numbers, CSV and TSV. Where rows have names, columns have them, too, or numbers for names, and the
// corner is empty, as pandas writes it; names of columns that look like numbers are in quotes.
#include <algorithm>
#include <vector>

#include "io/table_fields.hpp"
#include "own_names.hpp"
#include "text_writer.hpp"
#include "writer.hpp"

namespace mpinmf::io {
namespace {

/// A name as a field: quoted where it would be read as something else.
std::string name_field(std::string_view name, char delimiter) {
  double value = 0;
  const bool is_plain = !is_missing(name) && !parse_number(name, '.', value) && name.front() != '#' &&
                        name.front() != ' ' && name.back() != ' ' &&
                        std::none_of(name.begin(), name.end(), [&](char c) {
                          return c == delimiter || c == '"' || static_cast<unsigned char>(c) < ' ';
                        });
  if (is_plain) return std::string(name);
  std::string field = "\"";
  for (const char c : name) {
    if (c == '"') field += c;
    field += c == '\n' || c == '\r' ? ' ' : c;
  }
  return field + '"';
}

void write_table(const Comm& comm, const OutputTarget& target, OutputMatrix& matrix, char delimiter) {
  const Labels& labels = matrix.labels;
  std::vector<std::string> names;
  const bool has_index = static_cast<bool>(labels.rows);
  comm.meet([&] {
    if (has_index) names = own_names(labels.rows, matrix.first_row, matrix.own_rows);
  });
  const auto header = [&](TextSink& out) {
    if (!labels.columns && !has_index) return;
    bool is_first = !has_index;
    const NameReader columns = labels.columns ? labels.columns : names_by_number(matrix.columns);
    columns([&](std::string_view name) {
      if (!is_first) out.put(delimiter);
      is_first = false;
      out.put(name_field(name, delimiter));
    });
    out.put('\n');
  };
  const auto line = [&](const OutputRow& row, TextSink& out) {
    if (has_index) out.put(name_field(names[static_cast<std::size_t>(row.number - matrix.first_row)], delimiter));
    bool is_first = !has_index;
    for (const double value : row.values) {
      if (!is_first) out.put(delimiter);
      is_first = false;
      out.put_number(value, matrix.single_precision);
    }
    out.put('\n');
  };
  write_text(comm, target, matrix, {.header = header, .row = line});
}

}  // namespace

template <class Row>
Row writer_row(WriterFile<struct CsvWriter>) {
  return {.name = "csv",
          .ending = ".csv",
          .what = "a table with commas, and with names where there are any, dense",
          .holds = Holds::dense,
          .write = [](const Comm& comm, const OutputTarget& target, OutputMatrix& matrix) {
            write_table(comm, target, matrix, ',');
          }};
}
template Writer writer_row(WriterFile<struct CsvWriter>);

template <class Row>
Row writer_row(WriterFile<struct TsvWriter>) {
  return {.name = "tsv",
          .ending = ".tsv",
          .what = "the same with tabs",
          .holds = Holds::dense,
          .write = [](const Comm& comm, const OutputTarget& target, OutputMatrix& matrix) {
            write_table(comm, target, matrix, '\t');
          }};
}
template Writer writer_row(WriterFile<struct TsvWriter>);

}  // namespace mpinmf::io
