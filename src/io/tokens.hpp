// Words and numbers in a line of a text file.
#pragma once

#include <string>
#include <string_view>

#include "mpinmf/matrix.hpp"

namespace mpinmf::io {

/// Takes the next word from `rest`; empty when there is none.
std::string_view next_token(std::string_view& rest);

bool is_blank(std::string_view line);

/// Of the letters A to Z.
std::string in_lower_case(std::string_view text);

/// What a message may quote of a line that can be anything: its first 60 bytes, '?' for what is no UTF-8 and for
/// what would change how a terminal shows the rest.
std::string quote(std::string_view text);

/// Whether all of `token` is one number, which goes to `value`; infinite where it is too large for a double.
bool parse(std::string_view token, Index& value);
bool parse(std::string_view token, double& value);

/// Takes the digits with which `rest` begins. False where there are none, or more than 15, which are exact as a
/// double.
inline bool take_digits(std::string_view& rest, Index& number) {
  constexpr std::size_t exact_digits = 15;
  Index value = 0;
  std::size_t at = 0;
  for (; at < rest.size() && rest[at] >= '0' && rest[at] <= '9'; ++at) {
    if (at == exact_digits) return false;
    value = 10 * value + (rest[at] - '0');
  }
  if (at == 0) return false;
  number = value;
  rest.remove_prefix(at);
  return true;
}

}  // namespace mpinmf::io
