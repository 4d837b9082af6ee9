// Hints about V's file.
#pragma once

#include <string>

#include "mpinmf/load.hpp"

namespace mpinmf::cli {

/// One sentence where several ranks load a large file that one of them has to unpack; else empty.
std::string gzip_hint(const MatrixHeader& header, int ranks);
/// One sentence where the first lines of a table may mean something else than what was made of them; else empty.
std::string table_hint(TableGuess guess, const std::string& path);
/// The root prints those that there are.
void give_file_hints(const Comm& comm, const MatrixHeader& header, const std::string& path);

}  // namespace mpinmf::cli
