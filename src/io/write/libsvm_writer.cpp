// LIBSVM and SVMlight: a row a line, with the label 0, columns counted from 1. Nothing in such a file says how
// many columns there are, but the largest that is named: the first row names the last column, also where it is 0
// there.
#include "text_writer.hpp"
#include "writer.hpp"

namespace mpinmf::io {
namespace {

void put_libsvm_entry(TextSink& out, Index column, double value, bool single_precision) {
  out.put(' ');
  out.put_count(column + 1);
  out.put(':');
  out.put_number(value, single_precision);
}

void write_libsvm(const Comm& comm, const OutputTarget& target, OutputMatrix& matrix) {
  const Index last = matrix.columns - 1;
  write_text(comm, target, matrix,
             {.header = [](TextSink&) {},
              .row =
                  [&](const OutputRow& row, TextSink& out) {
                    out.put('0');
                    for (std::size_t q = 0; q < row.values.size(); ++q) {
                      put_libsvm_entry(out, row.columns[q], row.values[q], matrix.single_precision);
                    }
                    const bool has_last = !row.columns.empty() && row.columns.back() == last;
                    if (row.number == 0 && !has_last) put_libsvm_entry(out, last, 0, false);
                    out.put('\n');
                  }});
}

}  // namespace

template <class Row>
Row writer_row(WriterFile<struct LibsvmWriter>) {
  return {.name = "libsvm",
          .ending = ".libsvm",
          .another = ".svm",
          .what = "LIBSVM or SVMlight: INDEX:VALUE from 1 on, labels 0, sparse",
          .holds = Holds::sparse,
          .keeps_row_names = false,
          .keeps_column_names = false,
          .write = write_libsvm};
}
template Writer writer_row(WriterFile<struct LibsvmWriter>);

}  // namespace mpinmf::io
