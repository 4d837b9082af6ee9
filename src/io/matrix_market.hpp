// The Matrix Market exchange format of NIST (math.nist.gov/MatrixMarket/formats.html), plain or gzip'd.
#pragma once

#include <string>

#include "listed_value.hpp"
#include "matrix_market_banner.hpp"
#include "source.hpp"

namespace mpinmf::io {

/// Opens an array (dense) or coordinate (sparse) file of real, integer or pattern entries, general or symmetric,
/// plain or gzip'd in blocks (as EntryPieces, of an array still to be counted) or gzip'd: symmetric entries are
/// mirrored, whichever triangle they lie in; entries are within limits. An entry and
/// its mirror image that a symmetric file lists both must be equal, and count once. Throws SystemError, BadData
/// (here and while reading; names the line).
Source open_matrix_market(const std::string& path, bool transpose, const ValueLimits& limits = {});

/// The same for what is Matrix Market but for its beginning.
Source open_coordinate_text(const std::string& path, bool transpose, const ValueLimits& limits, ReadBanner read);

}  // namespace mpinmf::io
