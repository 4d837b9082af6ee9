// Files that are no text: archives, other compressions, documents of office programs.
#pragma once

#include <string>
#include <string_view>

namespace mpinmf::text {

/// How much of a file's beginning tells them.
inline constexpr std::size_t telling_bytes = 4096;

/// Throws BadData, which names a way to make texts of the file that begins so (gunzipped). Does nothing for
/// others.
void refuse_unreadable(const std::string& path, std::string_view start);

}  // namespace mpinmf::text
