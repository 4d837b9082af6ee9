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

/// Texts of up to so many bytes, of the same length and with the same hash, are the same: XXH3 takes these bytes
/// as one number of 64 bits and only does what can be undone with it (odd factors, xor with shifted or rotated
/// copies).
inline constexpr std::size_t longest_told_by_hash = 8;

}  // namespace mpinmf::text
