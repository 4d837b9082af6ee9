// What the rows and columns of a matrix are called: a stream of names, so that nobody has to hold them all.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "mpinmf/matrix.hpp"

namespace mpinmf::io {

/// Calls what it is given with one name after the other, as often as it is called. An empty one: there are no
/// names.
using NameReader = std::function<void(const std::function<void(std::string_view)>&)>;

/// Those of a text file, one a line; read when they are asked for. Empty where there is no such file.
NameReader names_in(const std::string& path);

/// Throws BadData, which calls the matrix `matrix`, unless there are `wanted` names of its `what` ("rows"), or
/// none.
void require_names(const NameReader& names, Index wanted, const std::string& matrix, const std::string& what);

/// Writes them to a new text file, one a line; line ends in names become blanks. Synced. Throws SystemError.
void write_names(const NameReader& names, const std::string& path);

/// All names in a text file. Throws SystemError, and BadData unless there are `wanted` of them, which are `what`.
std::vector<std::string> read_names(const std::string& path, Index wanted, const std::string& what);

}  // namespace mpinmf::io
