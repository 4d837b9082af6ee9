// Headers, footers and quotes of posts, held against scikit-learn's.
#include "text/newsgroup_strip.hpp"

#include <zlib.h>

#include <nlohmann/json.hpp>

#include <cstdlib>
#include <fstream>

#include "catch.hpp"
#include "corpus_support.hpp"
#include "files.hpp"

using namespace mpinmf;
using namespace mpinmf::text;
using nlohmann::json;

namespace {

json strip_reference() {
  return json::parse(std::ifstream(std::string(std::getenv("MPINMF_SOURCE")) + "/tests/reference/strip.json"));
}

Strip strip_of(const std::string& names) {
  const auto has = [&](const char* name) { return names.find(name) != std::string::npos; };
  return {has("headers"), has("footers"), has("quotes")};
}

}  // namespace

TEST_CASE("a stripped post is what scikit-learn leaves of it", "[newsgroup_strip]") {
  const json reference = strip_reference();
  for (const json& example : reference["cases"]) {
    INFO(example.dump());
    for (const auto& [names, left] : example["left"].items()) {
      auto post = example["post"].get<std::string>();
      strip_post(post, strip_of(names));
      CHECK(post == left.get<std::string>());
    }
  }
}

TEST_CASE("the stripped posts of 20 Newsgroups have scikit-learn's check sums", "[newsgroup_strip]") {
  const auto path = reference_file("newsgroups20/train.jsonl.gz");
  if (!path) return;
  const json reference = strip_reference()["newsgroups20"];
  for (const auto& [names, sum] : reference["crc32"].items()) {
    CorpusOptions options = corpus_of({*path});
    options.strip = strip_of(names);
    Corpus corpus(Comm::self(), options);
    Document document;
    Index posts = 0;
    uLong crc = 0;
    while (corpus.next(document)) {
      ++posts;
      const std::string& text = document.text;  // and its NUL
      crc = crc32(crc, reinterpret_cast<const Bytef*>(text.c_str()), static_cast<uInt>(text.size() + 1));
    }
    CHECK(posts == reference["posts"].get<Index>());
    CHECK(crc == sum.get<uLong>());
  }
}
