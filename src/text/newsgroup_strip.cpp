#include "newsgroup_strip.hpp"

#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace mpinmf::text {
namespace {

/// What Python's str.strip() takes off.
bool is_python_space(UChar32 c) {
  if (c < 0x80) return (c >= 0x09 && c <= 0x0d) || (c >= 0x1c && c <= 0x20);
  constexpr std::array<UChar32, 8> others{0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000};
  return (c >= 0x2000 && c <= 0x200a) || std::find(others.begin(), others.end(), c) != others.end();
}

std::string_view stripped(std::string_view text) {
  const auto* const bytes = reinterpret_cast<const unsigned char*>(text.data());
  const auto size = static_cast<Index>(text.size());
  Index begin = 0, end = size;
  while (begin < end) {
    Index next = begin;
    UChar32 c = 0;
    U8_NEXT(bytes, next, size, c);
    if (!is_python_space(c)) break;
    begin = next;
  }
  while (end > begin) {
    Index last = end - 1;
    while (U8_IS_TRAIL(bytes[last])) --last;
    Index next = last;
    UChar32 c = 0;
    U8_NEXT(bytes, next, size, c);
    if (!is_python_space(c)) break;
    end = last;
  }
  return text.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
}

void strip_headers(std::string& post) {
  const std::size_t blank_line = post.find("\n\n");
  post.erase(0, blank_line == std::string::npos ? post.size() : blank_line + 2);
}

/// The last line that is blank, or of hyphens alone, and what follows go, unless it is the first.
void strip_footers(std::string& post) {
  const std::string_view text = stripped(post);
  for (std::size_t end = text.size();;) {
    const std::size_t newline = text.substr(0, end).rfind('\n');
    if (newline == std::string_view::npos) return;
    const std::string_view line = stripped(text.substr(newline + 1, end - newline - 1));
    if (line.find_first_not_of('-') == std::string_view::npos) {
      post = std::string(text.substr(0, newline));
      return;
    }
    end = newline;
  }
}

bool is_quoting(std::string_view line) {
  constexpr std::array<std::string_view, 4> beginnings{"In article", "Quoted from", "|", ">"};
  constexpr std::array<std::string_view, 5> phrases{"writes in", "writes:", "wrote:", "says:", "said:"};
  const auto begins = [&](std::string_view beginning) { return line.starts_with(beginning); };
  const auto contains = [&](std::string_view phrase) { return line.find(phrase) != std::string_view::npos; };
  return std::any_of(beginnings.begin(), beginnings.end(), begins) ||
         std::any_of(phrases.begin(), phrases.end(), contains);
}

void strip_quotes(std::string& post) {
  std::string kept;
  kept.reserve(post.size());
  bool is_first = true;
  for (std::size_t begin = 0; begin <= post.size();) {
    const std::size_t end = std::min(post.find('\n', begin), post.size());
    const std::string_view line(post.data() + begin, end - begin);
    begin = end + 1;
    if (is_quoting(line)) continue;
    if (!is_first) kept += '\n';
    is_first = false;
    kept += line;
  }
  post.swap(kept);
}

}  // namespace

void strip_post(std::string& post, const Strip& strip) {
  if (strip.headers) strip_headers(post);
  if (strip.footers) strip_footers(post);
  if (strip.quotes) strip_quotes(post);
}

}  // namespace mpinmf::text
