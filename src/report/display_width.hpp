// Texts in columns of a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mpinmf::report {

/// The columns that UTF-8 text takes: none for combining marks and invisible characters, two for wide ones (CJK,
/// emoji), by the tables of ICU.
std::size_t display_width(std::string_view text);

/// The text in at most so many columns; what is cut off at its end becomes "…". Control characters become blanks,
/// bytes that are no UTF-8 U+FFFD: a terminal obeys some.
std::string shown(std::string_view text, std::size_t most = std::string_view::npos);

/// `text` and blanks after it (before it), to the width.
std::string left_aligned(const std::string& text, std::size_t width);
std::string right_aligned(const std::string& text, std::size_t width);

}  // namespace mpinmf::report
