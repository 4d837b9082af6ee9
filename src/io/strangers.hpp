// Files that are no matrix for this program as they are: what they are, and the command that makes one of them.
#pragma once

#include <string>
#include <string_view>

namespace mpinmf::io {

/// How much of a file's beginning is enough to know it: two lines of a wide table.
inline constexpr std::size_t stranger_bytes = std::size_t{1} << 16;

/// What a message says of the file that starts so (of a gzip'd one, what is in there); nothing where that is not
/// known.
std::string about_stranger(const std::string& path, std::string_view start);

}  // namespace mpinmf::io
