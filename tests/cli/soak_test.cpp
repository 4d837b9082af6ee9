// A long run: memory and open files stay as they are. Runs with MPINMF_LONG_TESTS=1 only.
#include <cstdlib>
#include <future>
#include <map>

#include "cli_support.hpp"

namespace {

namespace fs = std::filesystem;

struct Holding {
  double resident = 0;  // pages
  long files = 0;
};

/// By process, of the ranks of mpinmf whose command line holds `token`.
std::map<std::string, Holding> holdings(const std::string& token) {
  std::map<std::string, Holding> all;
  for (const auto& entry : fs::directory_iterator("/proc")) {
    if (read_text(entry.path() / "comm") != "mpinmf\n") continue;
    if (!contains(read_text(entry.path() / "cmdline"), token)) continue;
    Holding& holding = all[entry.path().filename()];
    double size = 0;
    std::istringstream(read_text(entry.path() / "statm")) >> size >> holding.resident;
    std::error_code ended;
    for (fs::directory_iterator file(entry.path() / "fd", ended), end; !ended && file != end;
         file.increment(ended)) {
      ++holding.files;
    }
  }
  return all;
}

bool is_wanted(const std::string& what) {
  const char* const wanted = std::getenv("MPINMF_LONG_TESTS");
  if (wanted != nullptr && std::string(wanted) == "1") return true;
  skip(what + "; set MPINMF_LONG_TESTS=1");
  return false;
}

/// A corpus of so many bytes, a document a line: one text again and again, of which every fifth word is another
/// each time.
void write_long_corpus(const std::string& path, std::size_t bytes) {
  std::ofstream file(path, std::ios::binary);
  std::size_t written = 0;
  for (int repetition = 0; written < bytes; ++repetition) {
    std::string lines;
    for (int i = 0; i < 300000; ++i) {
      lines += "word" + std::to_string(i % 7 * (i % 1009) * (i % 13));
      if (i % 5 == 0) lines += "r" + std::to_string(repetition);
      lines += i % 150 == 149 ? '\n' : ' ';
    }
    file << lines;
    written += lines.size();
  }
}

}  // namespace

TEST_CASE("10,000 iterations on 3 ranks with checkpoints hold no more memory and files at the end", "[soak]") {
  if (!is_wanted("10,000 iterations take minutes")) return;
  TemporaryFolder folder;
  const std::string
      out = folder / "out",
      fit =
          "fit generate:lowrank:rows=3000,columns=200,rank=9,noise=0.2 -k 12 --tolerance 0 "
          "--max-iterations 10000 --trace-every 500 --quiet --checkpoint --checkpoint-every 250 --output " +
          out;
  auto running =
      std::async(std::launch::async, [&] { return run(mpinmf_command(3, fit, 800), folder.path(), 900); });
  const auto is_over = [&] {
    return running.wait_for(std::chrono::milliseconds(50)) == std::future_status::ready;
  };
  while (!is_over() && !fs::exists(out + "/checkpoint/checkpoint-4")) continue;  // iteration 1000
  const auto before = holdings(out);
  auto after = before;
  while (!is_over()) {
    const auto now = holdings(out);
    if (now.size() == before.size()) after = now;
    if (fs::exists(out + "/checkpoint/checkpoint-39")) break;  // iteration 9750
  }
  REQUIRE(before.size() == 3);
  CHECK(running.get().code == 0);
  for (const auto& [process, first] : before) {
    const Holding& last = after.at(process);
    INFO(first.resident << " pages and " << first.files << " files, then " << last.resident << " and "
                        << last.files);
    CHECK(last.resident <= 1.01 * first.resident);
    CHECK(last.files <= first.files + 1);  // a checkpoint may be open
    CHECK(last.resident > 0);
  }
}

TEST_CASE("A corpus of 1 GB is counted in bounded memory", "[soak]") {
  if (!is_wanted("a corpus of 1 GB takes a minute")) return;
  TemporaryFolder folder;
  write_long_corpus(folder / "corpus.txt", 1'000'000'000);
  const std::string out = folder / "out";
  auto running = std::async(std::launch::async, [&] {
    return run(mpinmf_command(2, "vectorize corpus.txt --min-df 5 --output " + out, 600), folder.path(), 700);
  });
  double most = 0;
  while (running.wait_for(std::chrono::milliseconds(50)) != std::future_status::ready) {
    for (const auto& [process, holding] : holdings(out)) most = std::max(most, holding.resident);
  }
  const Ran ran = running.get();
  INFO(ran.out << ran.err);
  CHECK(ran.code == 0);
  constexpr double page = 4096;
  CHECK(most * page > 1e7);
  CHECK(most * page < 6e8);  // of a rank
}

TEST_CASE("seven planted components are found by every convention, with the same table on any number of ranks",
          "[soak]") {
  if (!is_wanted("ten surveys of planted components, and one on 2, 3 and 4 ranks")) return;
  TemporaryFolder folder;
  const std::vector<std::string> conventions = {"cNMF", "NMFk", "R NMF", "pyDNMFk"};
  std::map<std::string, int> found;
  constexpr int surveys = 10;
  const auto survey = [&](int ranks, int seed) {
    const Ran ran =
        run(mpinmf_command(ranks,
                           "survey generate:lowrank:rows=300,columns=80,rank=7,noise=0.05,density=0.3,seed=" +
                               std::to_string(seed) + " -k 5:9 --restarts 10 --init random --force --output s",
                           230),
            folder.path(), 240);
    INFO(ran.err);
    REQUIRE(ran.code == 0);
    const std::size_t begin = ran.out.find("  convention");
    REQUIRE(begin != std::string::npos);
    return ran.out.substr(begin);
  };
  for (int seed = 1; seed <= surveys; ++seed) {
    std::istringstream lines(survey(1, seed));
    for (std::string line; std::getline(lines, line);) {
      for (const std::string& convention : conventions) {
        std::istringstream rest(line.substr(std::min(line.size(), convention.size() + 2)));
        int k = 0;
        if (line.starts_with("  " + convention + " ") && rest >> k && k == 7) ++found[convention];
      }
    }
  }
  for (const std::string& convention : conventions) {
    INFO(convention);
    CHECK(found[convention] >= surveys - 1);
  }
  const std::string alone = survey(1, 1);
  for (const int ranks : {2, 3, 4}) {
    INFO(ranks << " ranks");
    CHECK(survey(ranks, 1) == alone);
  }
}
