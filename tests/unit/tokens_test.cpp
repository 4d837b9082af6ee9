// Tokens of odd texts, held to what scikit-learn made of them (tests/reference/make_texts.py).
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "contains.hpp"
#include "files.hpp"
#include "mpinmf/error.hpp"
#include "text/analyzer.hpp"
#include "text/stop_words.hpp"

using namespace mpinmf;
using namespace mpinmf::text;
using nlohmann::json;

namespace {

using Words = std::vector<std::string>;

json reference() {
  return json::parse(std::ifstream(std::string(std::getenv("MPINMF_SOURCE")) + "/tests/reference/texts.json"));
}

Words words_of(std::span<const Term> terms) {
  Words words;
  for (const Term& term : terms) words.emplace_back(term.text);
  return words;
}

Words tokens_of(const std::string& text, const AnalyzerOptions& options = {}) {
  return words_of(Analyzer(options).tokens(text));
}

}  // namespace

TEST_CASE("Odd texts have scikit-learn's tokens", "[tokens]") {
  const json odd = reference()["odd"];
  REQUIRE(odd.size() > 20);
  AnalyzerOptions cased;
  cased.lowercase = false;
  for (const json& text : odd) {
    INFO(text["name"]);
    CHECK(tokens_of(text["text"]) == text["lower"].get<Words>());
    CHECK(tokens_of(text["text"], cased) == text["cased"].get<Words>());
  }
}

TEST_CASE("Other token patterns mean what they mean in Python", "[tokens]") {
  const json all = reference();
  for (const json& pattern : all["patterns"]) {
    AnalyzerOptions options;
    options.token_pattern = pattern["pattern"];
    for (std::size_t i = 0; i < all["odd"].size(); ++i) {
      INFO(pattern["pattern"] << " on " << all["odd"][i]["name"]);
      CHECK(tokens_of(all["odd"][i]["text"], options) == pattern["tokens"][i].get<Words>());
    }
  }
}

TEST_CASE("A pattern that is none is refused", "[tokens]") {
  AnalyzerOptions options;
  for (const std::string pattern : {"(", "[a", "(a)(b)"}) {
    options.token_pattern = pattern;
    CHECK_THROWS_AS(Analyzer(options), UsageError);
  }
  options = {};
  options.shortest = 2;
  CHECK_THROWS_AS(Analyzer(options), UsageError);
}

TEST_CASE("A line of 10 MB is cut like its parts", "[tokens]") {
  const json line = reference()["long_line"];
  const std::string unit = line["unit"];
  std::string text;
  for (int i = 0; i < line["times"]; ++i) text += unit;
  REQUIRE(text.size() > 10'000'000);
  Analyzer analyzer({});
  CHECK(analyzer.tokens(text).size() == line["times"].get<std::size_t>() * line["tokens_each"].get<std::size_t>());
  CHECK(words_of(analyzer.tokens(text).first(line["tokens_each"])) == words_of(Analyzer({}).tokens(unit)));
}

TEST_CASE("Texts in ASCII, which have a way of their own, are cut as others are", "[tokens]") {
  std::mt19937 generator(3);
  for (std::size_t size = 0; size < 300; ++size) {
    std::string text;
    // long runs of either kind, across any boundary
    while (text.size() < size) {
      const char c = static_cast<char>(generator() % 128);
      text.append(generator() % 100, generator() % 2 == 0 ? 'w' : c).append(1, c);
    }
    text.resize(size);
    INFO(text);
    CHECK(tokens_of(text) == tokens_of(text + " \u00e9"));
  }
}

TEST_CASE("N-grams are joined after stop words are gone", "[tokens]") {
  AnalyzerOptions options;
  options.stop_words = stop_words("english");
  options.longest = 3;
  Analyzer analyzer(options);
  CHECK(options.stop_words.size() == 318);
  CHECK(words_of(analyzer.terms("The cat is on the mat now, sleeping")) ==
        Words{"cat", "mat", "sleeping", "cat mat", "mat sleeping", "cat mat sleeping"});
  CHECK(words_of(analyzer.terms("cat")) == Words{"cat"});
  CHECK(words_of(analyzer.tokens("the cat")) == Words{"cat"});
}

TEST_CASE("Stop words of a file", "[tokens]") {
  const TemporaryFolder folder;
  write_text(folder / "words", "one\r\n\n  two \n");
  CHECK(stop_words(folder / "words") == Words{"one", "two"});
  CHECK(stop_words("none").empty());
  write_text(folder / "words", "one\ntwo three\n");
  CHECK_THROWS_WITH(stop_words(folder / "words"), Contains("line 2"));
  write_text(folder / "words", "\n");
  CHECK_THROWS_AS(stop_words(folder / "words"), BadData);
}
