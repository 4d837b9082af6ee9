// Numbers and nothing else, row by row, little-endian.
#include <fmt/format.h>

#include "array_parts.hpp"
#include "part_writer.hpp"
#include "writer.hpp"

namespace mpinmf::io {

template <class Row>
Row writer_row(WriterFile<struct RawWriter>) {
  return {.name = "raw",
          .ending = ".raw",
          .what = "numbers and nothing else, row by row, dense",
          .holds = Holds::dense,
          .keeps_row_names = false,
          .keeps_column_names = false,
          .reading_options =
              [](const OutputMatrix& matrix) {
                return fmt::format("--format raw --shape {}x{} --element-type {}", matrix.rows, matrix.columns,
                                   matrix.single_precision ? "float32" : "float64");
              },
          .write =
              [](const Comm& comm, const OutputTarget& target, OutputMatrix& matrix) {
                comm.meet_on_root([&] { make_file(target, "", {}); });
                comm.meet([&] { write_dense_part(comm, target, matrix, {}); });
              }};
}
template Writer writer_row(WriterFile<struct RawWriter>);

}  // namespace mpinmf::io
