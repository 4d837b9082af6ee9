// Runs that are stopped, share a folder, or have nowhere to speak.
#include <signal.h>
#include <unistd.h>

#include "cli_support.hpp"

namespace {

const std::string small_v = "generate:lowrank:rows=40,columns=30,rank=4 ";
const std::string endless = "--max-iterations 100000000 --tolerance 0 ";
const std::vector<std::string> all_results = {"H.npy", "W.npy", "run.json", "trace.csv"};

/// Names in a folder without the pictures, which need gnuplot.
std::vector<std::string> results(const std::filesystem::path& folder) {
  std::vector<std::string> all = names(folder);
  std::erase_if(all, [](const std::string& name) { return name.rfind("cost.", 0) == 0; });
  return all;
}

std::string this_host() {
  char name[256] = {};
  ::gethostname(name, sizeof name - 1);
  return name;
}

}  // namespace

TEST_CASE("a full or closed standard error costs no results", "[interrupted]") {
  for (const std::string where : {"2>/dev/full", "2>&-"}) {
    TemporaryFolder folder;
    const std::string fit =
        "fit generate:lowrank:rows=10,columns=100,rank=2 -k 2 --max-iterations 3 --output out ";
    CHECK(run(mpinmf_command(1, fit) + where, folder.path()).code == 0);
    CHECK(results(folder.path() / "out") == all_results);
    // a fault has its exit code even where it cannot be told
    CHECK(run(mpinmf_command(1, "fit nothing.npy -k 2 ") + where, folder.path()).code == 4);
  }
}

TEST_CASE("a signal that ends a run leaves nothing behind", "[interrupted]") {
  TemporaryFolder folder;
  const Ran ran =
      run("timeout -s HUP 1 " + mpinmf_command(1, "fit " + small_v + "-k 3 " + endless + "--output new/out"),
          folder.path());
  CHECK(ran.code == 124);
  CHECK(names(folder.path()).empty());
}

TEST_CASE("two runs do not write into one folder", "[interrupted]") {
  TemporaryFolder folder;
  const std::string first = mpinmf_command(1, "fit " + small_v + "-k 3 --quiet " + endless + "--output out");
  const std::string second = mpinmf_command(1, "fit " + small_v + "-k 3 --force --output out");
  const Ran ran =
      run("timeout -s HUP 5 " + first + " & sleep 1; " + second + "; code=$?; wait; exit $code", folder.path());
  INFO(ran.err);
  CHECK(ran.code == 2);
  CHECK(messages(ran.err).size() == 1);
  CHECK(contains(ran.err, "another run writes into out"));
  CHECK(contains(ran.err, ".mpinmf-running"));
  CHECK(names(folder.path()).empty());
}

TEST_CASE("the lock of a process that has ended is taken over", "[interrupted]") {
  TemporaryFolder folder;
  std::filesystem::create_directory(folder.path() / "out");
  constexpr int beyond_all = 99999999;  // no Linux has process ids of this size
  write_text(folder / "out/.mpinmf-running", this_host() + " " + std::to_string(beyond_all) + "\n");
  const std::string fit = "fit " + small_v + "-k 3 --max-iterations 3 --quiet --output out";
  REQUIRE(run(mpinmf_command(1, fit), folder.path()).code == 0);
  CHECK(results(folder.path() / "out") == all_results);

  write_text(folder / "out/.mpinmf-running", "elsewhere 1\n");
  CHECK(run(mpinmf_command(1, fit + " --force"), folder.path()).code == 2);
}
