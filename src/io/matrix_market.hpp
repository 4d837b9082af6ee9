// The Matrix Market exchange format of NIST (math.nist.gov/MatrixMarket/formats.html), plain or gzip'd.
#pragma once

#include <string>

#include "source.hpp"

namespace mpinmf::io {

/// Opens an array (dense) or coordinate (sparse) file of real, integer or pattern entries, general or symmetric,
/// as an EntryStream: symmetric entries are mirrored, entries are non-negative and finite. Throws SystemError,
/// BadData (here and while reading; names the line).
Source open_matrix_market(const std::string& path, bool transpose);

}  // namespace mpinmf::io
