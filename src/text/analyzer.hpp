// Texts to tokens and terms, as scikit-learn's CountVectorizer makes them (analyzer="word").
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "term.hpp"

namespace mpinmf::text {

/// Runs of two or more word characters.
inline constexpr std::string_view default_token_pattern = R"((?u)\b\w\w+\b)";

struct AnalyzerOptions {
  bool lowercase = true;
  std::string token_pattern{default_token_pattern};
  std::vector<std::string> stop_words;  ///< tokens that are left out
  int shortest = 1, longest = 1;        ///< how many tokens make a term: scikit-learn's ngram_range
};

/// A text is first lower-cased as Python's str.lower does (all of Unicode's mapping, the final sigma too), then
/// cut into tokens. A word character is what Python's re takes for one: letters and numbers of all scripts, and
/// the underscore, but no combining mark. By the tables of ICU, which may know letters of a newer Unicode than a
/// Python does.
///
/// Other patterns are regular expressions of ICU in which \w, \W, \s, \S, \b and \B mean what they mean in Python;
/// if a pattern has a group, the token is what the group holds.
class Analyzer {
 public:
  /// Throws UsageError: a pattern that is none, or has several groups; a range of n-grams that is none.
  explicit Analyzer(AnalyzerOptions options);
  ~Analyzer();
  Analyzer(Analyzer&&) noexcept;
  Analyzer& operator=(Analyzer&&) noexcept;

  /// The tokens of a text in their order, without stop words. They lie in the analyzer, or in `text` itself, until
  /// it is asked again. Throws BadData for a text of more than 2^31 - 1 bytes.
  std::span<const Term> tokens(std::string_view text);
  /// The terms of a text: all of `shortest` tokens first, all of `longest` last.
  std::span<const Term> terms(std::string_view text);

  const AnalyzerOptions& options() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace mpinmf::text
