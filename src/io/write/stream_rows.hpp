// Rows of a stream, whose entries come in any order.
#pragma once

#include <memory>
#include <string>

#include "io/source.hpp"
#include "mpinmf/comm.hpp"
#include "mpinmf/partition.hpp"
#include "output_matrix.hpp"

namespace mpinmf::io {

struct RowRange {
  Index first, count;
};

/// The rows of this rank in work space on disk, beside the file `beside`. Of a sparse stream, which is read twice,
/// as compressed rows. Collective; throws on every rank what reading throws, SystemError (disk full), BadData (a
/// stream that changes in between).
template <class T>
std::unique_ptr<OutputRows> rows_of_stream(const Comm& comm, Source& source, const LoadOptions& options,
                                           const Partition& owners, const std::string& beside);

}  // namespace mpinmf::io
