// The sparse matrices that scipy.sparse.save_npz writes: CSR, CSC, COO, DIA and BSR.
#pragma once

#include "npz_file.hpp"
#include "source.hpp"

namespace mpinmf::io {

/// Whether the arrays are those of a sparse matrix.
bool is_sparse_npz(const NpzFile& file);

/// Opens it. CSR (with `transpose`: CSC) whose arrays are stored is read in place by any rank: SparseRows; CSC
/// (CSR) and COO likewise: EntryPieces. Else EntryStream. Throws SystemError, BadData, here and while reading.
Source open_sparse_npz(NpzFile file, bool transpose);

}  // namespace mpinmf::io
