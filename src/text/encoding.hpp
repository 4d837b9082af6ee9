// Encodings of texts, and how bytes become well-formed UTF-8.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "mpinmf/matrix.hpp"

namespace mpinmf::text {

enum class Encoding { utf8, utf16, latin1 };

/// Of --encoding, in any case of its letters. Throws UsageError, which names those that there are.
Encoding encoding_of(const std::string& name);

/// What the encoding does not allow.
struct Malformed {
  Index bytes = 0;
  std::size_t first = 0;  ///< where the first is, in the bytes that were given
};

bool is_utf8(std::string_view bytes);
/// `bytes`, UTF-8 or Latin-1, as UTF-8 in `out`. Each longest part of a character that breaks off becomes one
/// U+FFFD, as Unicode recommends and Python's errors="replace" does.
/// @pre out is not what `bytes` look at
Malformed to_utf8(std::string_view bytes, Encoding encoding, std::string& out);

/// One code point, not a surrogate, behind `out`.
void append_code_point(char32_t code_point, std::string& out);

/// A name for a list with one a line: bad bytes become U+FFFD, control characters blanks.
void make_one_line(std::string& name);

}  // namespace mpinmf::text
