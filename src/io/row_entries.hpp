// Rows at will as entries.
#pragma once

#include "source.hpp"

namespace mpinmf::io {

/// Entries of rows first .. first + count - 1 of `reader` (DenseRows or SparseRows), row by row, in batches of
/// bounded size; of dense ones those that are not 0. Does not communicate.
void walk_entries(Reader& reader, Index columns, Index first, Index count, const TakeEntries& take);
/// What that holds of dense rows.
double bytes_of_walk(const MatrixHeader& header);

/// The rows of `source` as a stream, of which each rank reads some; one that is a stream stays as it is.
void make_stream(Source& source);

}  // namespace mpinmf::io
