// HDF5 files without a convention: what matrices lie in them.
#pragma once

#include <string>

#include "file.hpp"

namespace mpinmf::io::hdf5 {

/// Where the matrix of a file with exactly one lies: a data set with two dimensions, or compressed rows or
/// columns. Throws UsageError that lists what there is where there are several, BadData where there is none.
std::string place_of_only_matrix(const File& file);

/// Matrices in a file, for messages: "/a (2 x 3), /b (sparse)", some of them at most; empty: there is none.
std::string list_of_matrices(const File& file);

}  // namespace mpinmf::io::hdf5
