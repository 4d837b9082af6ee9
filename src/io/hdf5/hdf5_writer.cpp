// HDF5 without a convention: /V, a data set, or for a sparse matrix a group with data, indices, indptr and shape;
// beside it the names of rows and columns.
#include "io/write/writer.hpp"
#include "matrix_writer.hpp"
#include "own_names.hpp"

namespace mpinmf::io {
namespace {

void write_hdf5(const Comm& comm, const OutputTarget& target, OutputMatrix& matrix) {
  hdf5::write_matrix_file(comm, target, matrix, hdf5::own_matrix, [&](hdf5::FileWriter& file) {
    if (matrix.sparse) file.add_integers("/V/shape", {matrix.rows, matrix.columns});
    if (matrix.labels.rows) file.add_names(hdf5::own_row_names, matrix.labels.rows, matrix.rows);
    if (matrix.labels.columns) file.add_names(hdf5::own_column_names, matrix.labels.columns, matrix.columns);
  });
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
