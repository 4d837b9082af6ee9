#include "threads.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string>
#include <vector>

#include "core_set.hpp"

namespace mpinmf {
namespace {

/// This rank's cores, divided by the ranks that share some of them; at least 1. Collective.
int cores_for_this_rank(const Comm& comm) {
  CoreSet own;
  comm.meet([&] { own = own_cores(); });
  const std::vector<std::string> hosts = comm.gather(host_name()), sets = comm.gather(own.bytes());
  const std::string& host = hosts[static_cast<std::size_t>(comm.rank())];
  int sharers = 0;
  for (std::size_t r = 0; r < hosts.size(); ++r) {
    if (hosts[r] == host && CoreSet(sets[r]).overlaps(own)) ++sharers;
  }
  return std::max(1, own.size() / std::max(1, sharers));
}

/// What OMP_NUM_THREADS asks for; 0: nothing. Of a list for nested regions the first number counts. Collective.
int threads_in_environment(const Comm& comm) {
  const char* value = std::getenv("OMP_NUM_THREADS");
  std::string text = value == nullptr ? "" : value, of_root = text;
  comm.broadcast(of_root);
  if (text.empty()) text = of_root;
  int threads = 0;
  comm.meet([&] {
    if (text.empty()) return;
    const std::string first = text.substr(0, text.find(','));
    const char* end = first.data() + first.size();
    const auto [rest, error] = std::from_chars(first.data(), end, threads);
    if (error == std::errc() && rest == end && threads >= 1 && threads <= most_threads) return;
    throw UsageError(
        fmt::format("OMP_NUM_THREADS is '{}', but must be a number of threads from 1 to {}; unset it, "
                    "or give --threads (Options::threads)",
                    text, most_threads));
  });
  return threads;
}

}  // namespace

ThreadPlan threads_for(const Comm& comm, int asked) {
  ThreadPlan plan;
  plan.cores = cores_for_this_rank(comm);
  plan.threads = asked;
  if (plan.threads == 0) plan.threads = threads_in_environment(comm);
  if (plan.threads == 0) plan.threads = plan.cores;
  plan.oversubscribed = plan.threads > plan.cores;
  plan.least = static_cast<int>(comm.min(static_cast<double>(plan.threads)));
  plan.most = static_cast<int>(comm.max(static_cast<double>(plan.threads)));
  return plan;
}

}  // namespace mpinmf
