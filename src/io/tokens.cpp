#include "tokens.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>

namespace mpinmf::io {

std::string_view next_token(std::string_view& rest) {
  const std::size_t first = rest.find_first_not_of(" \t");
  if (first == std::string_view::npos) return rest = {};
  rest.remove_prefix(first);
  const std::string_view token = rest.substr(0, rest.find_first_of(" \t"));
  rest.remove_prefix(token.size());
  return token;
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t") == std::string_view::npos;
}

std::string in_lower_case(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return result;
}

namespace {

/// How many bytes the character has that `text` begins with, in UTF-8; 0 where that is none, or one that moves
/// what a terminal shows (controls, marks of direction).
std::size_t shown_bytes(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
  if (byte(0) < 0x80) return byte(0) >= ' ' && byte(0) <= '~' ? 1 : 0;
  const std::size_t bytes = byte(0) >= 0xF0 ? 4 : byte(0) >= 0xE0 ? 3 : 2;
  if (byte(0) < 0xC2 || byte(0) > 0xF4 || bytes > text.size()) return 0;
  std::uint32_t code = byte(0) & (0xFFU >> (bytes + 1));
  for (std::size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0U) != 0x80) return 0;
    code = code << 6U | (byte(i) & 0x3FU);
  }
  const bool is_too_long = code < (bytes == 2 ? 0x80U : bytes == 3 ? 0x800U : 0x10000U);
  const auto lies_in = [code](std::uint32_t first, std::uint32_t last) { return code >= first && code <= last; };
  const bool is_hidden = lies_in(0x80, 0x9F) || lies_in(0x200B, 0x200F) || lies_in(0x2028, 0x202E) ||
                         lies_in(0x2060, 0x206F) || lies_in(0xD800, 0xDFFF) || code == 0xFEFF || code > 0x10FFFF;
  return is_too_long || is_hidden ? 0 : bytes;
}

}  // namespace

std::string quote(std::string_view text) {
  constexpr std::size_t longest = 60;
  std::string result = "'";
  std::size_t at = 0;
  while (at < text.size() && at < longest) {
    const std::size_t bytes = shown_bytes(text.substr(at));
    result += bytes == 0 ? "?" : text.substr(at, bytes);
    at += std::max<std::size_t>(bytes, 1);
  }
  return result + (at < text.size() ? "...'" : "'");
}

bool parse(std::string_view token, Index& value) {
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), value);
  return error == std::errc() && end == token.data() + token.size();
}

bool parse(std::string_view token, double& value) {
  if (token.size() > 1 && token[0] == '+' && token[1] != '-') token.remove_prefix(1);
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), value);
  if (error == std::errc::result_out_of_range) {
    value = std::strtod(std::string(token).c_str(), nullptr);  // tells too large (infinite) from too small (0)
    return true;
  }
  return error == std::errc() && end == token.data() + token.size();
}

}  // namespace mpinmf::io
