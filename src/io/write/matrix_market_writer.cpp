// Matrix Market: coordinates of a sparse matrix, an array (column by column) of a dense one.
#include <fmt/format.h>

#include "text_writer.hpp"
#include "writer.hpp"

namespace mpinmf::io {
namespace {

void write_coordinates(const Comm& comm, const OutputTarget& target, OutputMatrix& matrix) {
  const OutputFacts facts = output_facts(comm, matrix);
  write_text(
      comm, target, matrix,
      {.header =
           [&](TextSink& out) {
             out.put(fmt::format("%%MatrixMarket matrix coordinate {} general\n{} {} {}\n",
                                 facts.are_whole ? "integer" : "real", matrix.rows, matrix.columns, facts.stored));
           },
       .row =
           [&](const OutputRow& row, TextSink& out) {
             for (std::size_t q = 0; q < row.values.size(); ++q) {
               put_text_entry(out, row.number, row.columns[q], row.values[q], matrix.single_precision);
             }
           }});
}

/// Rows here are columns of what is written.
void write_array(const Comm& comm, const OutputTarget& target, OutputMatrix& matrix) {
  const OutputFacts facts = output_facts(comm, matrix);
  write_text(comm, target, matrix,
             {.header =
                  [&](TextSink& out) {
                    out.put(fmt::format("%%MatrixMarket matrix array {} general\n{} {}\n",
                                        facts.are_whole ? "integer" : "real", matrix.columns, matrix.rows));
                  },
              .row =
                  [&](const OutputRow& row, TextSink& out) {
                    for (const double value : row.values) {
                      out.put_number(value, matrix.single_precision);
                      out.put('\n');
                    }
                  }});
}

}  // namespace

template <class Row>
Row writer_row(WriterFile<struct MatrixMarketWriter>) {
  return {.name = "mtx",
          .ending = ".mtx",
          .what = "Matrix Market: coordinates, or an array where V is dense",
          .keeps_row_names = false,
          .keeps_column_names = false,
          .by_columns = ByColumns::dense,
          .write = [](const Comm& comm, const OutputTarget& target, OutputMatrix& matrix) {
            matrix.sparse ? write_coordinates(comm, target, matrix) : write_array(comm, target, matrix);
          }};
}
template Writer writer_row(WriterFile<struct MatrixMarketWriter>);

}  // namespace mpinmf::io
