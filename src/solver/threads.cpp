#include "threads.hpp"

#include <fmt/core.h>
#include <omp.h>
#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

namespace mpinmf {
namespace {

/// Bit c of byte c / 8 stands for processor c, so that a set travels as a text and sets are compared byte by byte.
class CoreSet {
 public:
  CoreSet() = default;
  explicit CoreSet(std::string bytes) : bytes_(std::move(bytes)) {}

  void insert(int processor) {
    const auto byte = static_cast<std::size_t>(processor) / 8;
    if (byte >= bytes_.size()) bytes_.resize(byte + 1, '\0');
    bytes_[byte] = static_cast<char>(bits(byte) | 1U << (processor % 8));
  }
  bool overlaps(const CoreSet& other) const {
    const std::size_t common = std::min(bytes_.size(), other.bytes_.size());
    for (std::size_t b = 0; b < common; ++b) {
      if ((bits(b) & other.bits(b)) != 0) return true;
    }
    return false;
  }
  int size() const {
    int count = 0;
    for (std::size_t b = 0; b < bytes_.size(); ++b) count += __builtin_popcount(bits(b));
    return count;
  }
  const std::string& bytes() const { return bytes_; }

 private:
  unsigned bits(std::size_t byte) const { return static_cast<unsigned char>(bytes_[byte]); }

  std::string bytes_;
};

/// The processors in the affinity mask of the calling thread.
std::vector<int> affinity_mask() {
  std::vector<int> processors;
  constexpr int most_processors = 1 << 20;
  // the kernel refuses a set that is smaller than its own (EINVAL), and does not say how large that is
  for (int room = CPU_SETSIZE; room <= most_processors; room *= 2) {
    cpu_set_t* set = CPU_ALLOC(room);
    if (set == nullptr) throw std::bad_alloc();
    const std::size_t bytes = CPU_ALLOC_SIZE(room);
    CPU_ZERO_S(bytes, set);
    const bool known = ::sched_getaffinity(0, bytes, set) == 0;
    const bool too_small = !known && errno == EINVAL;
    for (int p = 0; known && p < room; ++p) {
      if (CPU_ISSET_S(p, bytes, set)) processors.push_back(p);
    }
    CPU_FREE(set);
    if (!too_small) break;
  }
  return processors;
}

/// The processors of OpenMP's places; none unless it binds threads. It then has bound the calling thread to one
/// place already, and the mask of that thread no longer tells what the process may use.
std::vector<int> bound_places() {
  std::vector<int> processors;
  if (omp_get_proc_bind() == omp_proc_bind_false) return processors;  // LLVM's has places all the same
  for (int place = 0; place < omp_get_num_places(); ++place) {
    std::vector<int> ids(static_cast<std::size_t>(omp_get_place_num_procs(place)));
    omp_get_place_proc_ids(place, ids.data());
    processors.insert(processors.end(), ids.begin(), ids.end());
  }
  return processors;
}

/// The first of the processors that share a core with this one: they share its arithmetic units too, so that a
/// second thread there gains nothing.
int core_of(int processor) {
  std::ifstream in(fmt::format("/sys/devices/system/cpu/cpu{}/topology/thread_siblings_list", processor));
  int first = 0;
  return in >> first ? first : processor;
}

/// The cores that this rank may run on.
CoreSet own_cores() {
  CoreSet cores;
  std::vector<int> processors = affinity_mask();
  const std::vector<int> places = bound_places();
  processors.insert(processors.end(), places.begin(), places.end());
  for (const int processor : processors) cores.insert(core_of(processor));
  const int all = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  for (int core = 0; processors.empty() && core < all; ++core) cores.insert(core);
  return cores;
}

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

ThreadPlan threads_for(const Comm& comm, const Options& options) {
  ThreadPlan plan;
  plan.cores = cores_for_this_rank(comm);
  plan.threads = options.threads;
  if (plan.threads == 0) plan.threads = threads_in_environment(comm);
  if (plan.threads == 0) plan.threads = plan.cores;
  plan.oversubscribed = plan.threads > plan.cores;
  plan.least = static_cast<int>(comm.min(static_cast<double>(plan.threads)));
  plan.most = static_cast<int>(comm.max(static_cast<double>(plan.threads)));
  return plan;
}

}  // namespace mpinmf
