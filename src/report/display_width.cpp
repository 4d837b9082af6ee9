#include "display_width.hpp"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <cstdint>

namespace mpinmf::report {
namespace {

constexpr UChar32 replacement = 0xfffd;

/// The next character; `at` moves behind it.
UChar32 next_character(std::string_view text, std::size_t& at) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  UChar32 character = 0;
  U8_NEXT_OR_FFFD(bytes, at, text.size(), character);
  return character;
}

std::size_t width_of(UChar32 character) {
  constexpr std::uint32_t invisible = U_GC_MN_MASK | U_GC_ME_MASK | U_GC_CF_MASK;
  constexpr UChar32 soft_hyphen = 0xad;  // terminals show it
  if (character != soft_hyphen && (U_MASK(u_charType(character)) & invisible) != 0) return 0;
  const int width = u_getIntPropertyValue(character, UCHAR_EAST_ASIAN_WIDTH);
  return width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
}

void append(std::string& text, UChar32 character) {
  std::uint8_t bytes[U8_MAX_LENGTH];
  std::size_t length = 0;
  U8_APPEND_UNSAFE(bytes, length, character);
  text.append(reinterpret_cast<const char*>(bytes), length);
}

std::size_t blanks_to(const std::string& text, std::size_t width) {
  const std::size_t own = display_width(text);
  return own < width ? width - own : 0;
}

}  // namespace

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size();) width += width_of(next_character(text, at));
  return width;
}

std::string shown(std::string_view text, std::size_t most) {
  const bool is_cut = display_width(text) > most;
  const std::size_t room = is_cut && most > 0 ? most - 1 : most;
  std::string result;
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size();) {
    UChar32 character = next_character(text, at);
    if (U_MASK(u_charType(character)) & (U_GC_CC_MASK | U_GC_ZL_MASK | U_GC_ZP_MASK)) character = ' ';
    if (U_IS_SURROGATE(character)) character = replacement;
    const std::size_t more = width_of(character);
    if (more > room - width) break;
    width += more;
    append(result, character);
  }
  return is_cut && most > 0 ? result + "…" : result;
}

std::string left_aligned(const std::string& text, std::size_t width) {
  return text + std::string(blanks_to(text, width), ' ');
}

std::string right_aligned(const std::string& text, std::size_t width) {
  return std::string(blanks_to(text, width), ' ') + text;
}

}  // namespace mpinmf::report
