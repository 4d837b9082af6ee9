// The hash of a term: its place in tables, and the rank that owns it. XXH3 (Collet), or for short terms, which
// most are, their bytes as one number, mixed as SplitMix64 does (Steele, Lea and Flood 2014).
#pragma once

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace mpinmf::text {

/// Texts of up to so many bytes, of the same length and with the same hash, are the same: every step of the mixing
/// can be undone.
inline constexpr std::size_t longest_told_by_hash = 8;

/// `readable`: so many bytes may be read from where the term begins; with 8 of them the lengths of short terms
/// make no branches. @pre readable >= term.size()
inline std::uint64_t term_hash(std::string_view term, std::size_t readable) {
  if (term.size() > longest_told_by_hash) return XXH3_64bits(term.data(), term.size());
  constexpr auto first_bytes = [] {
    std::array<std::uint64_t, longest_told_by_hash + 1> masks = {};
    for (std::size_t size = 1; size < masks.size(); ++size) {
      const std::uint64_t rest = 64 - 8 * size;
      masks[size] =
          std::endian::native == std::endian::little ? ~std::uint64_t{0} >> rest : ~std::uint64_t{0} << rest;
    }
    return masks;
  }();
  std::uint64_t word = 0;
  if (readable >= sizeof word) [[likely]] {
    std::memcpy(&word, term.data(), sizeof word);
    word &= first_bytes[term.size()];
  } else if (!term.empty()) {
    std::memcpy(&word, term.data(), term.size());
  }
  word = (word ^ word >> 30) * 0xbf58476d1ce4e5b9ULL;
  word = (word ^ word >> 27) * 0x94d049bb133111ebULL;
  return word ^ word >> 31;
}

inline std::uint64_t term_hash(std::string_view term) {
  return term_hash(term, term.size());
}

}  // namespace mpinmf::text
