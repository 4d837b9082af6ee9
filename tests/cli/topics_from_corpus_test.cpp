// mpinmf topics CORPUS -k K: counting, fitting and describing in one command.
#include "cli_support.hpp"

namespace {

const std::string of_posts = "topics posts.jsonl -k 6 --label label --id id --stop-words english --strip headers ";

struct Posts {
  TemporaryFolder folder;

  Posts() { REQUIRE(mpinmf(1, "generate posts --rows 120 --output posts.jsonl").code == 0); }
  Ran mpinmf(int ranks, const std::string& command) { return run(mpinmf_command(ranks, command), folder.path()); }
};

}  // namespace

TEST_CASE("one command goes from posts to topics, and each step is one that can be run alone",
          "[topics_from_corpus]") {
  Posts posts;
  for (const int ranks : {1, 3}) {
    const Ran ran = posts.mpinmf(ranks, of_posts + "--max-iterations 20 --seed 3 --terms 4 --output all --force");
    INFO(ran.err);
    REQUIRE(ran.code == 0);
    const std::vector<std::string> steps = lines_with(ran.out, "+ ");
    REQUIRE(steps ==
            std::vector<std::string>{
                "+ mpinmf vectorize posts.jsonl --label label --id id --strip headers --stop-words english "
                "--output all/counts",
                "+ mpinmf fit all/counts -k 6 --max-iterations 20 --seed 3 --output all/fit",
                "+ mpinmf topics all/fit"});
    CHECK(read_json(posts.folder / "all/fit/topics.json")["labels"]["nmi"] > 0.5);
  }
  std::string alone;
  for (const std::string& step :
       {"vectorize posts.jsonl --label label --id id --strip headers --stop-words english "
        "--output counts",
        "fit counts -k 6 --max-iterations 20 --seed 3 --output fit", "topics fit --terms 4"}) {
    REQUIRE(posts.mpinmf(3, step).code == 0);
  }
  for (const char* name : {"W.npy", "H.npy", "row_names.txt", "topics.csv"}) {
    CHECK(read_text(posts.folder / ("fit/" + std::string(name))) ==
          read_text(posts.folder / ("all/fit/" + std::string(name))));
  }
}

TEST_CASE("counts that are there are taken where they answer the same question", "[topics_from_corpus]") {
  Posts posts;
  REQUIRE(posts.mpinmf(1, of_posts + "--max-iterations 5 --output all").code == 0);
  const auto counted = std::filesystem::last_write_time(posts.folder / "all/counts/vectorizer.json");
  // the fit is in the way
  CHECK(posts.mpinmf(2, of_posts + "--max-iterations 5 --output all").code == 2);
  std::filesystem::remove_all(posts.folder / "all/fit");
  const Ran ran = posts.mpinmf(2, of_posts + "--max-iterations 5 --output all");
  CHECK(ran.code == 0);
  CHECK(contains(ran.out, "counted before with the same options"));
  CHECK(std::filesystem::last_write_time(posts.folder / "all/counts/vectorizer.json") == counted);

  const auto before = contents(posts.folder / "all");
  const Ran other = posts.mpinmf(3, of_posts + "--min-df 3 --output all");
  CHECK(other.code == 2);
  REQUIRE(messages(other.err).size() == 1);
  CHECK(contains(messages(other.err)[0], "all/counts holds counts of another corpus, or with other options"));
  CHECK(contents(posts.folder / "all") == before);
  CHECK(posts.mpinmf(1, of_posts + "--min-df 3 --max-iterations 5 --output all --force --quiet").out.empty());
}

TEST_CASE("options of the steps need k, and k a corpus", "[topics_from_corpus]") {
  Posts posts;
  const auto refused = [&](const std::string& command, const std::string& message, int code) {
    const Ran ran = posts.mpinmf(1, command);
    INFO(ran.err);
    CHECK(ran.code == code);
    REQUIRE(messages(ran.err).size() == 1);
    CHECK(contains(messages(ran.err)[0], message));
  };
  refused("topics posts.jsonl --min-df 2", "--min-df is for a corpus that is still to be counted", 2);
  refused("topics posts.jsonl", "posts.jsonl is a file, not the folder that a fit wrote", 2);
  refused("topics posts.jsonl -k 3 --write h", "--write h leaves W out", 2);
  refused("topics a b", "topics describes one model", 2);
  refused("topics posts.jsonl -k 0", "must be", 2);
  refused("topics posts.jsonl -k 3 --output none", "need a folder", 2);
  refused("topics none.jsonl -k 3", "none.jsonl", 4);
  CHECK(names(posts.folder.path()) == std::vector<std::string>{"posts.jsonl"});
}
