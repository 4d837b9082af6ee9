// Sparse workloads that lie in files, row by row.
#pragma once

#include <string>

#include "io/source.hpp"

namespace mpinmf::bench {

/// A sparse matrix as rows, and its size.
struct SparseSource {
  std::unique_ptr<io::SparseRows> rows;
  MatrixHeader header;
};

/// PREFIX_indptr.npy, PREFIX_indices.npy and PREFIX_data.npy with so many columns. Throws SystemError, BadData.
SparseSource open_csr_files(const std::string& prefix, Index columns);

/// A Matrix Market file, held in memory as a whole: for small ones. Throws SystemError, BadData.
SparseSource open_held(const std::string& path);

}  // namespace mpinmf::bench
