// What an analyzer makes of a text.
#pragma once

#include <cstdint>
#include <string_view>

namespace mpinmf::text {

/// A token, or several that follow each other, joined by spaces.
struct Term {
  std::string_view text;  ///< UTF-8
  std::uint64_t hash;     ///< term_hash of it
};

}  // namespace mpinmf::text
