#include "tokens.hpp"

#include <charconv>
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

std::string quote(std::string_view text) {
  constexpr std::size_t longest = 60;
  std::string result = "'";
  for (char c : text.substr(0, longest)) result += c >= ' ' && c <= '~' ? c : '?';
  return result + (text.size() > longest ? "...'" : "'");
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
