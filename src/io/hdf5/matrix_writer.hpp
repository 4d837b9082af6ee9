// A matrix at a place in a new HDF5 file.
#pragma once

#include <functional>
#include <string>

#include "file_writer.hpp"
#include "io/write/array_parts.hpp"

namespace mpinmf::io::hdf5 {

/// Its numbers, once there is room for them.
struct MatrixRoom {
  ArrayPlace dense;             ///< where the matrix is
  CompressedPlaces compressed;  ///< where it is sparse
};

/// Makes room for it, as anndata (and h5py) keep matrices: a data set, or a group of data, indices and indptr
/// whose attributes say what it is. On the root.
MatrixRoom add_matrix(FileWriter& file, const std::string& place, const OutputMatrix& matrix,
                      const OutputFacts& facts);

/// The root's room on every rank, and then all ranks write into it. Collective.
void fill_matrix(const Comm& comm, const OutputTarget& target, OutputMatrix& matrix, MatrixRoom room,
                 const OutputFacts& facts);

/// A new file of this matrix, and of what `add_rest` puts beside it on the root. Collective.
void write_matrix_file(const Comm& comm, const OutputTarget& target, OutputMatrix& matrix,
                       const std::string& place, const std::function<void(FileWriter&)>& add_rest);

}  // namespace mpinmf::io::hdf5
