// Compressed sparse rows as a folder of .npy files: indptr.npy, indices.npy, data.npy, and shape.npy and names of
// rows and columns if there.
#pragma once

#include <string>

#include "source.hpp"

namespace mpinmf::io {

/// Names of its rows and columns, one a line, where they are there.
inline constexpr const char* csr_row_names = "documents.txt";
inline constexpr const char* csr_column_names = "vocabulary.txt";
/// What such a folder holds.
inline constexpr const char* csr_files[] = {"indptr.npy", "indices.npy", "data.npy",
                                            "shape.npy",  csr_row_names, csr_column_names};

/// Opens the m x n matrix whose row i has the entries indptr[i] .. indptr[i+1] - 1 of indices (columns, from 0)
/// and data. Any order and duplicates in a row are allowed. Without shape.npy n is the largest column + 1. As it
/// lies: SparseRows; transposed: EntryPieces. Throws SystemError, BadData (here and while reading; names file and
/// row).
Source open_csr_folder(const std::string& folder, bool transpose);

}  // namespace mpinmf::io
