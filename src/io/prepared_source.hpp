// A source with a preparation around its reader: whoever reads it sees rows and columns that are kept, numbered
// anew, and what they hold after the preparation.
#pragma once

#include <memory>

#include "mpinmf/comm.hpp"
#include "preparation.hpp"

namespace mpinmf::io {

/// `asked` with what its preparation needs (mpinmf::prepare), where it asks for one and does not have that.
/// Collective.
LoadOptions with_statistics(const Comm& comm, const std::string& path, const LoadOptions& asked);

/// Header, labels and reader of what is left of `raw`. A stream of a preparation that needs whole rows gives these
/// as they are, in the columns of the file, until finish_stream. Does not communicate.
Source with_preparation(Source raw, std::shared_ptr<const Prepared> prepared, const LoadOptions& options);

/// The same for options.prepared, where that is there.
Source prepared_as(Source raw, const LoadOptions& options);

/// Only the rows that `prepared` keeps, and of them the entries in selected columns; columns keep their numbers.
Source selected_stream(Source raw, std::shared_ptr<const Prepared> prepared, const LoadOptions& options);

/// What a stream still needs that with_preparation could not do: its rows are put together by their owners, and
/// what becomes of them is read from there. Others stay as they are. Collective.
void finish_stream(const Comm& comm, Source& source, const LoadOptions& options);

}  // namespace mpinmf::io
