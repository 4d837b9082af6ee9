// Names of the rows that a rank writes.
#pragma once

#include <string>
#include <vector>

#include "io/names.hpp"

namespace mpinmf::io {

/// Names first .. first + count - 1. Reads all of them, and keeps these. Does not communicate.
std::vector<std::string> own_names(const NameReader& names, Index first, Index count);

/// "0", "1", ...: what rows or columns are called where nothing else is known, and names are a must.
NameReader names_by_number(Index count);

}  // namespace mpinmf::io
