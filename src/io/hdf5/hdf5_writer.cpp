// HDF5 without a convention: /V, a data set, or for a sparse matrix a group with data, indices, indptr and shape;
// beside it the names of rows and columns.
#include "io/write/writer.hpp"
#include "matrix_writer.hpp"

namespace mpinmf::io {
namespace {

void write_hdf5(const Comm& comm, const OutputTarget& target, OutputMatrix& matrix) {
  OutputFacts facts;
  if (matrix.sparse) facts = output_facts(comm, matrix);
  hdf5::MatrixRoom room;
  comm.meet_on_root([&] {
    hdf5::FileWriter file(target.working_path, target.path);
    room = hdf5::add_matrix(file, "/V", matrix, facts);
    if (matrix.sparse) file.add_integers("/V/shape", {matrix.rows, matrix.columns});
    if (matrix.labels.rows) file.add_names("/row_names", matrix.labels.rows, matrix.rows);
    if (matrix.labels.columns) file.add_names("/column_names", matrix.labels.columns, matrix.columns);
    file.finish();
  });
  hdf5::fill_matrix(comm, target, matrix, room, facts);
}

}  // namespace

template <class Row>
Row writer_row(WriterFile<struct Hdf5Writer>) {
  return {.name = "h5",
          .ending = ".h5",
          .another = ".hdf5",
          .what = "HDF5: a data set /V, or a group of data, indices, indptr and shape",
          .write = write_hdf5};
}
template Writer writer_row(WriterFile<struct Hdf5Writer>);

}  // namespace mpinmf::io
