// Programs that are started at once, as tests are, do not stand in each other's way.
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "cli_support.hpp"

TEST_CASE("programs without mpirun start at once, any number of them", "[starts]") {
  const char* const wanted = std::getenv("MPINMF_STARTS");
  const int starts = wanted == nullptr ? 60 : std::stoi(wanted);
  constexpr int at_once = 6;
  const TemporaryFolder folder;
  const std::string fit = mpinmf_command(
      1, "fit generate:lowrank:rows=4,columns=4,rank=1 -k 1 --max-iterations 1 --quiet --output none");
  std::atomic<int> begun = 0;
  int failed = 0;
  std::string said;
  std::mutex mutex;
  std::vector<std::thread> threads;
  for (int t = 0; t < at_once; ++t) {
    threads.emplace_back([&] {
      while (begun++ < starts) {
        const Ran ran = run(fit, folder.path());
        if (ran.code == 0) continue;
        const std::lock_guard lock(mutex);
        ++failed;
        said = ran.err;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  INFO(said);
  CHECK(failed == 0);
}
