#include "encoding.hpp"

#include <fmt/format.h>
#include <simdjson.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstring>

#include "mpinmf/error.hpp"

namespace mpinmf::text {
namespace {

constexpr std::string_view replacement = "\xef\xbf\xbd";  // U+FFFD

Malformed replace_bad_bytes(std::string_view bytes, std::string& out) {
  const auto* const text = reinterpret_cast<const unsigned char*>(bytes.data());
  const auto size = static_cast<Index>(bytes.size());
  Malformed found;
  out.clear();
  Index i = 0, kept = 0;
  const auto keep_until = [&](Index end) {
    out.append(bytes.substr(static_cast<std::size_t>(kept), static_cast<std::size_t>(end - kept)));
  };
  while (i < size) {
    const Index start = i;
    UChar32 code_point = 0;
    U8_NEXT(text, i, size, code_point);
    if (code_point >= 0) continue;
    if (found.bytes == 0) found.first = static_cast<std::size_t>(start);
    found.bytes += i - start;
    keep_until(start);
    out.append(replacement);
    kept = i;
  }
  keep_until(size);
  return found;
}

/// How many bytes from the beginning on are ASCII, or a few less.
std::size_t ascii_bytes(std::string_view bytes) {
  constexpr std::uint64_t high_bits = 0x8080808080808080U;
  std::size_t count = 0;
  for (std::uint64_t eight = 0; count + sizeof eight <= bytes.size(); count += sizeof eight) {
    std::memcpy(&eight, bytes.data() + count, sizeof eight);
    if ((eight & high_bits) != 0) break;
  }
  return count;
}

void latin1_to_utf8(std::string_view bytes, std::string& out) {
  out.clear();
  out.reserve(bytes.size());
  while (!bytes.empty()) {
    const std::size_t plain = ascii_bytes(bytes);
    out.append(bytes.substr(0, plain));
    bytes.remove_prefix(plain);
    for (int i = 0; i < 8 && !bytes.empty(); ++i, bytes.remove_prefix(1)) {
      append_code_point(static_cast<unsigned char>(bytes.front()), out);
    }
  }
}

}  // namespace

Encoding encoding_of(const std::string& name) {
  std::string plain;
  for (const char c : name) {
    if (c != '-' && c != '_') plain += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  if (plain == "utf8") return Encoding::utf8;
  if (plain == "utf16") return Encoding::utf16;
  if (plain == "latin1" || plain == "iso88591") return Encoding::latin1;
  throw UsageError(
      fmt::format("'{}' is not an encoding that can be read: utf-8, utf-16 or latin-1; convert others with "
                  "iconv -f {} -t UTF-8",
                  name, name));
}

bool is_utf8(std::string_view bytes) {
  return simdjson::validate_utf8(bytes.data(), bytes.size());
}

Malformed to_utf8(std::string_view bytes, Encoding encoding, std::string& out) {
  if (encoding == Encoding::latin1) {
    latin1_to_utf8(bytes, out);
    return {};
  }
  if (!is_utf8(bytes)) return replace_bad_bytes(bytes, out);
  out.assign(bytes);
  return {};
}

void append_code_point(char32_t code_point, std::string& out) {
  const auto put = [&](char32_t byte) { out += static_cast<char>(byte); };
  const auto put_tail = [&](int shift) { put(0x80 | (code_point >> shift & 0x3f)); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xc0 | code_point >> 6);
    put_tail(0);
  } else if (code_point < 0x10000) {
    put(0xe0 | code_point >> 12);
    put_tail(6);
    put_tail(0);
  } else {
    put(0xf0 | code_point >> 18);
    put_tail(12);
    put_tail(6);
    put_tail(0);
  }
}

void make_one_line(std::string& name) {
  if (!is_utf8(name)) {
    std::string cleaned;
    replace_bad_bytes(name, cleaned);
    name.swap(cleaned);
  }
  const auto is_control = [](char c) { return (c >= 0 && c < 0x20) || c == 0x7f; };
  std::replace_if(name.begin(), name.end(), is_control, ' ');
  constexpr char first_byte = '\xc2';  // of U+0080 to U+009F, and of U+00A0 to U+00BF
  for (std::size_t i = name.find(first_byte); i != std::string::npos; i = name.find(first_byte, i + 1)) {
    if (static_cast<unsigned char>(name[i + 1]) < 0xa0) name.replace(i, 2, " ");
  }
}

}  // namespace mpinmf::text
