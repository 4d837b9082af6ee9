// Posts that are made up to try texts on.
#include "text/made_up_posts.hpp"

#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "catch.hpp"
#include "files.hpp"
#include "mpinmf/error.hpp"

using namespace mpinmf;
using text::MadeUpPosts, text::made_up_post, text::write_made_up_posts;

TEST_CASE("a made-up post is a line of JSON, the same whenever it is made", "[made_up_posts]") {
  std::set<std::string> labels, texts;
  for (Index i = 0; i < 100; ++i) {
    const std::string line = made_up_post({}, i);
    CHECK(line.find('\n') == std::string::npos);
    CHECK(line == made_up_post({}, i));
    CHECK(line != made_up_post({300, Seed(1)}, i));
    const auto post = nlohmann::json::parse(line);
    CHECK(post.at("id") == "post-" + std::to_string(i + 1));
    labels.insert(post.at("label"));
    texts.insert(post.at("text").get<std::string>());
    CHECK(post.at("text").get<std::string>().find("Subject: ") != std::string::npos);
  }
  CHECK(labels == std::set<std::string>{"cooking", "graphics", "hockey", "medicine", "motorcycles", "space"});
  CHECK(texts.size() == 100);
}

TEST_CASE("made-up posts are written as they are made, and replace a file only when told to", "[made_up_posts]") {
  const TemporaryFolder folder;
  const MadeUpPosts posts{5, Seed(7)};
  write_made_up_posts(Comm::self(), posts, folder / "p.jsonl", false);
  std::istringstream lines(read_text(folder / "p.jsonl"));
  Index count = 0;
  for (std::string line; std::getline(lines, line); ++count) CHECK(line == made_up_post(posts, count));
  CHECK(count == 5);
  CHECK_THROWS_AS(write_made_up_posts(Comm::self(), {3, Seed(7)}, folder / "p.jsonl", false), UsageError);
  CHECK_NOTHROW(write_made_up_posts(Comm::self(), {3, Seed(7)}, folder / "p.jsonl", true));
  CHECK(std::filesystem::exists(folder / "p.jsonl"));
  CHECK_THROWS_AS(write_made_up_posts(Comm::self(), posts, folder / "none/p.jsonl", false), SystemError);
}
