// A hint about V's file.
#pragma once

#include <string>

#include "mpinmf/load.hpp"

namespace mpinmf::cli {

/// One sentence where several ranks load a large file that one of them has to unpack; else empty.
std::string gzip_hint(const MatrixHeader& header, int ranks);
/// The root prints it, if there is one.
void give_gzip_hint(const Comm& comm, const MatrixHeader& header);

}  // namespace mpinmf::cli
