// HDF5 files without a convention: what matrices lie in them.
#pragma once

#include <string>

#include "file.hpp"

namespace mpinmf::io::hdf5 {

/// Where the matrix of a file with exactly one lies: a data set with two dimensions, or compressed rows or
/// columns. Throws BadData that lists what there is where there are several, or none.
std::string place_of_only_matrix(const File& file);

}  // namespace mpinmf::io::hdf5
