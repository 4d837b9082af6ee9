// From what is typed to what a corpus is read with.
#include "cli/corpus_arguments.hpp"

#include <algorithm>

#include "catch.hpp"
#include "contains.hpp"
#include "mpinmf/error.hpp"

using namespace mpinmf;
using cli::corpus_options;

namespace {

text::CorpusOptions typed(std::vector<std::string> words, const text::CorpusOptions& otherwise = {}) {
  CLI::App app;
  cli::CorpusArguments arguments;
  add_corpus(app, arguments);
  std::reverse(words.begin(), words.end());  // as CLI11 wants them
  app.parse(words);
  return corpus_options(arguments, otherwise);
}

}  // namespace

TEST_CASE("options of a corpus are what was typed", "[corpus_arguments]") {
  const text::CorpusOptions plain = typed({"a", "b.jsonl"});
  CHECK(plain.paths == std::vector<std::string>{"a", "b.jsonl"});
  CHECK(plain.field == "text");
  CHECK(plain.label.empty());
  CHECK_FALSE(plain.strip.headers);

  const text::CorpusOptions full = typed({"a", "--column", "body", "--target", "group", "--id", "name",
                                          "--encoding", "latin-1", "--strip", "headers,quotes"});
  CHECK(full.field == "body");
  CHECK(full.label == "group");
  CHECK(full.id == "name");
  CHECK(full.encoding == "latin-1");
  CHECK(full.strip.headers);
  CHECK_FALSE(full.strip.footers);
  CHECK(full.strip.quotes);

  // the rest as it was, but for the paths
  const text::CorpusOptions next = typed({"c", "--label", "", "--remove", "footers"}, full);
  CHECK(next.paths == std::vector<std::string>{"c"});
  CHECK(next.field == "body");
  CHECK(next.label.empty());
  CHECK(next.encoding == "latin-1");
  CHECK(next.strip.footers);
  CHECK_FALSE(next.strip.headers);
  CHECK_FALSE(typed({"c", "--strip", "none"}, full).strip.headers);
}

TEST_CASE("what a corpus cannot be read with is told before it is read", "[corpus_arguments]") {
  CHECK_THROWS_AS(typed({"a", "--strip", "headers,signatures"}), UsageError);
  CHECK_THROWS_WITH(typed({"a", "--strip", "headers,signatures"}), Contains("not 'signatures'"));
  CHECK_THROWS_AS(typed({"a", "--encoding", "utf-7"}), UsageError);
  CHECK_THROWS_AS(typed({"--field", "text"}), CLI::RequiredError);
}
