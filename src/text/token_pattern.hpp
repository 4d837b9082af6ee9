// Regular expressions for tokens.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace mpinmf::text {

/// Python's regular expression in ICU's words: \w, \W, \s, \S, \b and \B as Python means them, no leading (?u).
std::string pattern_for_icu(std::string_view python);

/// A regular expression with at most one group.
class TokenPattern {
 public:
  /// Throws UsageError when ICU does not take it, saying where.
  explicit TokenPattern(const std::string& python);
  ~TokenPattern();
  TokenPattern(const TokenPattern&) = delete;
  TokenPattern& operator=(const TokenPattern&) = delete;

  /// What it finds in `text`, or what its group does, in order. The views last until `take` returns.
  void find_all(std::string_view text, const std::function<void(std::string_view)>& take);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mpinmf::text
