#include "shell_word.hpp"

#include <cctype>

namespace mpinmf {

std::string shell_word(const std::string& text) {
  bool plain = !text.empty();
  for (const char c : text)
    plain &=
        std::isalnum(static_cast<unsigned char>(c)) != 0 || std::string("_-+=.,:/@%").find(c) != std::string::npos;
  if (plain) return text;
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

}  // namespace mpinmf
