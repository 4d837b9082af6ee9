#include "token_pattern.hpp"

#include <fmt/format.h>
#include <unicode/parseerr.h>
#include <unicode/regex.h>

#include "mpinmf/error.hpp"

namespace mpinmf::text {
namespace {

// ICU's own \w has combining marks, too, and its \b does not see them
constexpr std::string_view word = R"(\p{L}\p{N}_)";
// and its \s lacks four separators
constexpr std::string_view space = R"(\s\x1c-\x1f)";
constexpr std::string_view boundary =
    R"((?:(?<=[\p{L}\p{N}_])(?![\p{L}\p{N}_])|(?<![\p{L}\p{N}_])(?=[\p{L}\p{N}_])))";
constexpr std::string_view no_boundary =
    R"((?:(?<=[\p{L}\p{N}_])(?=[\p{L}\p{N}_])|(?<![\p{L}\p{N}_])(?![\p{L}\p{N}_])))";

}  // namespace

std::string pattern_for_icu(std::string_view python) {
  if (python.starts_with("(?u)")) python.remove_prefix(4);
  std::string icu;
  bool in_set = false;
  for (std::size_t i = 0; i < python.size(); ++i) {
    const char c = python[i];
    if (c == '\\' && i + 1 < python.size()) {
      const char escaped = python[++i];
      if (escaped == 'w') {
        icu += fmt::format("[{}]", word);
      } else if (escaped == 'W') {
        icu += fmt::format("[^{}]", word);
      } else if (escaped == 's' || escaped == 'S') {
        icu += fmt::format("[{}{}]", escaped == 's' ? "" : "^", space);
      } else if (escaped == 'b' && !in_set) {
        icu += boundary;
      } else if (escaped == 'b') {
        icu += "\\x08";  // a backspace
      } else if (escaped == 'B' && !in_set) {
        icu += no_boundary;
      } else if (escaped == 'Z') {
        icu += "\\z";  // ICU's \Z is also before a last line end
      } else {
        icu += {c, escaped};
      }
      continue;
    }
    if (in_set && c == '[') {
      icu += "\\[";  // no set in a set
      continue;
    }
    if (in_set && (c == '&' || c == '-') && i + 1 < python.size() && python[i + 1] == c) {
      icu += {'\\', c};  // no operation on sets
      continue;
    }
    if (!in_set && python.substr(i).starts_with("(?P<")) {
      icu += "(?<";
      i += 3;
      continue;
    }
    icu += c;
    if (!in_set && c == '[') {
      in_set = true;
      if (i + 1 < python.size() && python[i + 1] == '^') icu += python[++i];
      if (i + 1 < python.size() && python[i + 1] == ']') {
        icu += "\\]";  // in first place it is a character of the set
        ++i;
      }
    } else if (in_set && c == ']') {
      in_set = false;
    }
  }
  return icu;
}

struct TokenPattern::State {
  std::unique_ptr<icu::RegexPattern> pattern;
  std::unique_ptr<icu::RegexMatcher> matcher;
  int group = 0;
};

TokenPattern::TokenPattern(const std::string& python) : state_(std::make_unique<State>()) {
  UErrorCode error = U_ZERO_ERROR;
  UParseError place = {};
  const std::string icu = pattern_for_icu(python);
  // to Python's '.', '^' and '$' only \n ends a line
  constexpr std::uint32_t flags = UREGEX_UNIX_LINES;
  state_->pattern.reset(icu::RegexPattern::compile(icu::UnicodeString::fromUTF8(icu), flags, place, error));
  if (U_FAILURE(error) != 0) {
    throw UsageError(fmt::format("--token-pattern {}: is no regular expression ({})", python, u_errorName(error)));
  }
  state_->matcher.reset(state_->pattern->matcher(error));
  const int groups = U_FAILURE(error) != 0 ? 0 : state_->matcher->groupCount();
  if (groups > 1) {
    throw UsageError(fmt::format(
        "--token-pattern {}: has {} groups, but one at most can be the token; write (?:...) for the others",
        python, groups));
  }
  state_->group = groups;
}

TokenPattern::~TokenPattern() = default;

void TokenPattern::find_all(std::string_view text, const std::function<void(std::string_view)>& take) {
  const auto whole =
      icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
  icu::RegexMatcher& matcher = *state_->matcher;
  matcher.reset(whole);
  UErrorCode error = U_ZERO_ERROR;
  std::string token;
  while (matcher.find(error) != 0) {
    token.clear();
    const icu::UnicodeString found = matcher.group(state_->group, error);
    if (U_FAILURE(error) != 0) break;
    found.toUTF8String(token);
    take(token);
  }
  if (U_FAILURE(error) != 0) {
    throw BadData(fmt::format("--token-pattern: gives up on a text of {} bytes ({}); take a simpler one",
                              text.size(), u_errorName(error)));
  }
}

}  // namespace mpinmf::text
