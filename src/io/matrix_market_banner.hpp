// What a file of coordinates says of itself before its entries: Matrix Market, and formats that list entries
// likewise.
#pragma once

#include "file.hpp"

namespace mpinmf::io {

/// The first line and the size line.
struct MatrixMarketBanner {
  bool coordinate = false, pattern = false, symmetric = false;
  Index rows = 0, columns = 0;
  Index promised = 0;                   ///< entries in the file
  const char* sizes = "the size line";  ///< where it says so, for messages

  Index stored() const { return symmetric ? 2 * promised : promised; }
};

/// Reads up to the entries. Throws SystemError, BadData (names the line).
using ReadBanner = MatrixMarketBanner (*)(LineReader& lines);

/// That of Matrix Market.
MatrixMarketBanner read_banner(LineReader& lines);

}  // namespace mpinmf::io
