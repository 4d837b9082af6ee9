// A dense matrix as NumPy's .npy, in C order.
#include "array_parts.hpp"
#include "io/npy.hpp"
#include "part_writer.hpp"
#include "writer.hpp"

namespace mpinmf::io {

template <class Row>
Row writer_row(WriterFile<struct NpyWriter>) {
  return {.name = "npy",
          .ending = ".npy",
          .what = "NumPy's array, dense",
          .holds = Holds::dense,
          .keeps_row_names = false,
          .keeps_column_names = false,
          .write = [](const Comm& comm, const OutputTarget& target, OutputMatrix& matrix) {
            const std::string header = npy_header_bytes(type_of_values(matrix), {matrix.rows, matrix.columns});
            comm.meet_on_root([&] { make_file(target, "", header); });
            comm.meet([&] { write_dense_part(comm, target, matrix, {"", static_cast<Index>(header.size())}); });
          }};
}
template Writer writer_row(WriterFile<struct NpyWriter>);

}  // namespace mpinmf::io
