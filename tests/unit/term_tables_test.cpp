// Sets of terms: what hashes tell and what they leave open.
#include <set>
#include <string>
#include <vector>

#include "catch.hpp"
#include "text/term_filter.hpp"
#include "text/term_table.hpp"

namespace mpinmf::text {
namespace {

/// All words of 1 to `longest` of the letters a, b, c: they differ in few bits.
std::vector<std::string> words_of_three_letters(std::size_t longest) {
  std::vector<std::string> words{""};
  for (std::size_t at = 0; words[at].size() < longest; ++at) {
    for (const char letter : {'a', 'b', 'c'}) words.push_back(words[at] + letter);
  }
  words.erase(words.begin());
  return words;
}

Term term_of(const std::string& text) {
  return {text, term_hash(text)};
}

TEST_CASE("a table of terms tells all of them apart, short and long", "[term_tables]") {
  const std::vector<std::string> words = words_of_three_letters(10);  // below, at and above what a hash tells
  TermTable table;
  for (std::size_t i = 0; i < words.size(); ++i) REQUIRE(table.insert(term_of(words[i])) == i);
  for (std::size_t i = 0; i < words.size(); ++i) {
    REQUIRE(table.find(term_of(words[i])) == i);
    REQUIRE(table[static_cast<std::uint32_t>(i)].text == words[i]);
  }
  CHECK(table.find(term_of("abcd")) == TermTable::none);
  CHECK(table.find(term_of("abcabcabcabc")) == TermTable::none);
}

TEST_CASE("texts of a table that only their bytes tell apart", "[term_tables]") {
  TermTable table;
  const std::uint64_t same = term_hash("a long text");
  CHECK(table.insert({"a long text", same}) == 0);
  CHECK(table.insert({"a long word", same}) == 1);
  CHECK(table.find({"a long text", same}) == 0);
  CHECK(table.find({"a long line", same}) == TermTable::none);
}

TEST_CASE("a filter has what was put in and nothing else, also with more terms than slots", "[term_tables]") {
  const std::vector<std::string> words = words_of_three_letters(10);
  for (const std::size_t step : {2U, 7U, 300U}) {
    std::vector<std::string> chosen;
    for (std::size_t i = 0; i < words.size(); i += step) chosen.push_back(words[i]);
    chosen.push_back(chosen.front());  // twice
    const TermFilter filter(chosen);
    const std::set<std::string> expected(chosen.begin(), chosen.end());
    for (const std::string& word : words) REQUIRE(filter.has(term_of(word)) == expected.contains(word));
  }
  CHECK_FALSE(TermFilter({}).has(term_of("word")));
  CHECK_FALSE(TermFilter({}).has(term_of("")));
}

}  // namespace
}  // namespace mpinmf::text

TEST_CASE("the hash of a term does not depend on what stands behind it, and tells short terms", "[term_tables]") {
  const std::string text = "abcdefghijklmnopqrstuvwxyz";
  std::set<std::uint64_t> hashes;
  for (std::size_t size = 0; size <= 12; ++size) {
    const std::string_view term = std::string_view(text).substr(0, size);
    const std::string alone(term);
    CHECK(mpinmf::text::term_hash(term, text.size()) == mpinmf::text::term_hash(alone));
    hashes.insert(mpinmf::text::term_hash(alone));
  }
  CHECK(hashes.size() == 13);
  // a million of up to 8 bytes, which differ in one bit at least
  std::set<std::uint64_t> numbered;
  for (std::uint64_t i = 0; i < 1000000; ++i) numbered.insert(mpinmf::text::term_hash(std::to_string(i * 97)));
  CHECK(numbered.size() == 1000000);
}
