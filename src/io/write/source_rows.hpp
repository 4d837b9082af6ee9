// From a source to the rows that this rank writes.
#pragma once

#include "io/source.hpp"
#include "mpinmf/comm.hpp"
#include "output_matrix.hpp"

namespace mpinmf::io {

/// Reads rows at will where they lie; what comes as a stream is brought into the order of rows in work space
/// beside the file `beside`, on disk, so that no rank holds more in memory than a row and some buffers. Values in
/// float where `single_precision`; what lies twice in one place is summed, and of sparse rows zeros are left out.
/// Collective; throws on every rank what reading throws, SystemError (disk full). @pre opened by open_on_all
OutputMatrix rows_of_source(const Comm& comm, Source source, const LoadOptions& options, bool single_precision,
                            const std::string& beside);

/// The same numbers, dense or sparse as asked for. Throws BadData for more columns than a sparse matrix may have.
/// @pre reads nothing before
void make_dense(OutputMatrix& matrix);
void make_sparse(OutputMatrix& matrix);

}  // namespace mpinmf::io
