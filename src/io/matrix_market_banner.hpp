// What a Matrix Market file says of itself before its entries.
#pragma once

#include "file.hpp"

namespace mpinmf::io {

/// The first line and the size line.
struct MatrixMarketBanner {
  bool coordinate = false, pattern = false, symmetric = false;
  Index rows = 0, columns = 0;
  Index promised = 0;  ///< entries in the file

  Index stored() const { return symmetric ? 2 * promised : promised; }
};

/// Reads up to the size line. Throws SystemError, BadData (names the line).
MatrixMarketBanner read_banner(LineReader& lines);

}  // namespace mpinmf::io
