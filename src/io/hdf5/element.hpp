// Matrices in HDF5 files, whatever wrote them: a data set with two dimensions, or a group with compressed rows or
// columns.
#pragma once

#include <array>
#include <memory>
#include <string>

#include "file.hpp"
#include "io/source.hpp"

namespace mpinmf::io::hdf5 {

/// Whether the rows of V lie as the file's first dimension (samples x features) or as its last one.
enum class Lying { by_rows, by_columns };

/// A two-dimensional data set. DenseRows either way.
Source open_dense(const std::shared_ptr<const File>& file, const std::string& place, Lying lying, bool transpose);

/// Where the arrays of a compressed matrix lie.
struct CompressedPlace {
  std::string group;
  std::string offsets = "indptr", indices = "indices", values = "data";
  bool has_room = false;         ///< behind the last entry, as MATLAB may keep it
  Index major = 0, minor = 0;    ///< how many compressed rows (offsets - 1), and how many indices there are
  Lying lying = Lying::by_rows;  ///< by_columns: what is compressed is a column of V
};

/// SparseRows, or a stream of entries where V's rows are not those that are compressed. Throws BadData where the
/// offsets are not major + 1.
Source open_compressed(const std::shared_ptr<const File>& file, const CompressedPlace& at, bool transpose);

/// Whether a group has the arrays of a compressed matrix.
bool is_compressed(const File& file, const std::string& group);

/// Rows and columns as a data set of two integers says. Throws BadData where there is none.
std::array<Index, 2> shape_in(const std::shared_ptr<const File>& file, const std::string& place);

/// What lies there, as its attributes say: a data set; a group as anndata and h5sparse write it, or one with shape
/// beside indptr, indices and data. Throws BadData for anything else.
Source open_element(const std::shared_ptr<const File>& file, const std::string& place, bool transpose);

}  // namespace mpinmf::io::hdf5
