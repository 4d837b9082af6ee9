// A source that all ranks read together.
#pragma once

#include <string>

#include "mpinmf/comm.hpp"
#include "source.hpp"

namespace mpinmf::io {

/// Opens a source on every rank that will read: on all of them, or, where it is a stream without pieces, on the
/// root alone; others then know its name and header, and their stream is null. What has to be counted is counted
/// by all, each rank a piece. Collective; throws on every rank what open_source throws, BadData for a matrix that
/// is empty or too large, SystemError where a rank sees another file.
Source open_on_all(const Comm& comm, const std::string& path, const LoadOptions& options);

/// The header alone. What has to be counted for it is counted by all ranks, each its piece. Collective; throws as
/// open_on_all does.
MatrixHeader header_on_all(const Comm& comm, const std::string& path, const LoadOptions& options);

/// Throws BadData for what this program cannot do with a matrix. Does not communicate.
void check_header(const Source& source);

/// Throws BadData where a sparse matrix cannot have so many columns.
void require_sparse_columns(const std::string& matrix, Index columns);

/// Null where there is none, or another rank has it.
EntryStream* stream_of(Source& source);

}  // namespace mpinmf::io
