// MATLAB's files since version 7.3 (save -v7.3), which are HDF5.
#pragma once

#include <memory>
#include <string>

#include "file.hpp"
#include "io/source.hpp"

namespace mpinmf::io::hdf5 {

/// Whether MATLAB wrote what lies there.
bool is_matlab(const File& file, const std::string& place);
bool is_matlab_sparse(const File& file, const std::string& group);
/// Letters are numbers in such files.
bool is_matlab_text(const File& file, const std::string& place);

/// A variable, with its rows and columns as in MATLAB: it stores columns, so that the file's first dimension is
/// the last one there. Sparse ones are compressed columns: jc, ir and data.
Source open_matlab(const std::shared_ptr<const File>& file, const std::string& place, bool transpose);

}  // namespace mpinmf::io::hdf5
