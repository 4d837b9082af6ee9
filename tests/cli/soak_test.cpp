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

}  // namespace

TEST_CASE("10,000 iterations on 3 ranks with checkpoints hold no more memory and files at the end", "[soak]") {
  const char* const wanted = std::getenv("MPINMF_LONG_TESTS");
  if (wanted == nullptr || std::string(wanted) != "1") {
    skip("10,000 iterations take minutes; set MPINMF_LONG_TESTS=1");
    return;
  }
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
