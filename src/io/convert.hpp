// Any matrix into a CSR folder, which every rank can read by itself.
#pragma once

#include <string>

#include "mpinmf/comm.hpp"
#include "mpinmf/load.hpp"

namespace mpinmf::io {

/// Writes the nonzero entries of `from` (anything that load reads) as a CSR folder: int64 indptr and shape, int32
/// indices ascending in each row, data in float32 where `from` is and else in float64; duplicates are summed. The
/// root works, in memory that does not grow with the matrix (the files are mapped), and reads `from` twice. The
/// folder takes its name only when complete. Collective; throws on every rank what load throws, UsageError when
/// `to_folder` exists (with overwrite: when it is no CSR folder), SystemError (disk full).
/// Returns how many entries were set to 0, being negative by no more than options.clip_negative.
/// @pre options.add is 0
Index convert_to_csr(const Comm& comm, const std::string& from, const std::string& to_folder,
                     const LoadOptions& options, bool overwrite);

}  // namespace mpinmf::io
