// Sparse matrices of SciPy from front to back: the arrays are read in step, none of them as a whole.
#pragma once

#include <memory>

#include "compressed.hpp"
#include "npz_file.hpp"
#include "source.hpp"

namespace mpinmf::io {

/// An .npz that holds a sparse matrix of rows x columns, as it says.
struct SparseNpz {
  NpzFile file;
  Index rows = 0, columns = 0;
  bool transpose = false;

  /// That of an array. Throws BadData unless it has so many dimensions.
  NpyHeader header(const std::string& name, std::size_t dimensions) const;
  /// Entries of this stream, of which `stored` there are about; the header is as it is after transposition.
  Source source(std::unique_ptr<EntryStream> stream, Index stored, double reader_bytes) const;
};

/// What the places of its entries must be, or those of blocks of height x width; without their number. Throws
/// BadData where there are other places than the matrix is large.
CompressedCheck compressed_check(const SparseNpz& matrix, bool by_columns, Index height, Index width);

/// Compressed rows, or columns.
Source stream_compressed(const SparseNpz& matrix, bool by_columns);
/// Compressed rows of blocks, which all have one size.
Source stream_blocks(const SparseNpz& matrix);
/// Coordinates; in pieces where all arrays are stored.
Source open_coordinates(const SparseNpz& matrix);
/// Diagonals.
Source stream_diagonals(const SparseNpz& matrix);

}  // namespace mpinmf::io
