// What a signal removes.
#include "io/unfinished.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "catch.hpp"
#include "files.hpp"

using namespace mpinmf;

TEST_CASE("a signal removes a folder with all of its files, and of another only what is its own", "[unfinished]") {
  const TemporaryFolder folder;
  for (const char* name : {"ours", "theirs"}) std::filesystem::create_directory(folder / name);
  // more than the operating system lists at once
  for (int i = 0; i < 3000; ++i) write_text(folder / ("ours/a longer name of file " + std::to_string(i)), "");
  for (const char* name : {"theirs/ours", "theirs/mine"}) write_text(folder / name, "");
  const pid_t child = ::fork();
  if (child == 0) {
    remember_unfinished_with_files(folder / "ours");
    remember_unfinished_with_files(folder / "none");
    remember_unfinished(folder / "theirs", true);
    remember_unfinished(folder / "theirs/ours", false);
    remember_unfinished(folder / "theirs/mine", false);
    forget_unfinished(folder / "theirs/mine");
    end_by_signal(SIGTERM);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK((WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM));
  CHECK(!std::filesystem::exists(folder / "ours"));
  CHECK(!std::filesystem::exists(folder / "theirs/ours"));
  CHECK(std::filesystem::exists(folder / "theirs/mine"));
}
