// Writes a generated matrix to disk, by all ranks, through buffers: it may be larger than memory.
#pragma once

#include <string>

#include "mpinmf/comm.hpp"

namespace mpinmf::io {

/// Writes the matrix of "generate:NAME:..." to `path`: a dense one as .npy in C order, a sparse one as a CSR
/// folder (indptr.npy and shape.npy 64-bit, indices.npy 32-bit, data.npy), values in double or, if
/// `single_precision`, in float. The bytes do not depend on the number of ranks. What is written gets its name
/// when it is complete and on disk, and is removed otherwise; a device is written into as it is. Collective;
/// throws on every rank: BadData (an entry too large for the precision),
/// UsageError (unknown generator or key; `path` exists and not `overwrite`, or is something
/// that must not be replaced), SystemError (disk full, unwritable, or a rank that does not see the root's file).
void generate_file(const Comm& comm, const std::string& text, const std::string& path, bool single_precision,
                   bool overwrite);

}  // namespace mpinmf::io
