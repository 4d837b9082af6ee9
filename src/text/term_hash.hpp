// XXH3 (Collet) of a term: its place in tables, and the rank that owns it.
#pragma once

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <cstdint>
#include <string_view>

namespace mpinmf::text {

inline std::uint64_t term_hash(std::string_view term) {
  return XXH3_64bits(term.data(), term.size());
}

}  // namespace mpinmf::text
