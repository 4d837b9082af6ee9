#include "core_set.hpp"

#include <fmt/core.h>
#include <omp.h>
#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <memory>
#include <new>
#include <thread>

namespace mpinmf {
namespace {

struct FreeCpuSet {
  void operator()(cpu_set_t* set) const { CPU_FREE(set); }
};

/// Calls f(set, bytes, room) with larger and larger sets of processors until it says 0 or fails otherwise than by
/// EINVAL: the kernel refuses a set that is smaller than its own, and does not say how large that is.
template <class F>
void with_processor_set(F&& f) {
  constexpr int most_processors = 1 << 20;
  for (int room = CPU_SETSIZE; room <= most_processors; room *= 2) {
    const std::unique_ptr<cpu_set_t, FreeCpuSet> set(CPU_ALLOC(room));
    if (!set) throw std::bad_alloc();
    const std::size_t bytes = CPU_ALLOC_SIZE(room);
    CPU_ZERO_S(bytes, set.get());
    if (f(set.get(), bytes, room) == 0 || errno != EINVAL) return;
  }
}

/// The processors in the affinity mask of the calling thread.
std::vector<int> affinity_mask() {
  std::vector<int> processors;
  with_processor_set([&](cpu_set_t* set, std::size_t bytes, int room) {
    const int failed = ::sched_getaffinity(0, bytes, set);
    for (int p = 0; failed == 0 && p < room; ++p) {
      if (CPU_ISSET_S(p, bytes, set)) processors.push_back(p);
    }
    return failed;
  });
  return processors;
}

/// The processors of OpenMP's places; none unless it binds threads. It then has bound the calling thread to one
/// place already, and the mask of that thread no longer says what the process may use.
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

CoreSet cores_of(const std::vector<int>& processors) {
  CoreSet cores;
  for (const int processor : processors) cores.insert(core_of(processor));
  return cores;
}

}  // namespace

void CoreSet::insert(int core) {
  const auto byte = static_cast<std::size_t>(core) / 8;
  if (byte >= bytes_.size()) bytes_.resize(byte + 1, '\0');
  bytes_[byte] = static_cast<char>(bits(byte) | 1U << (core % 8));
}

void CoreSet::insert(const CoreSet& other) {
  for (const int core : other.cores()) insert(core);
}

bool CoreSet::overlaps(const CoreSet& other) const {
  const std::size_t common = std::min(bytes_.size(), other.bytes_.size());
  for (std::size_t b = 0; b < common; ++b) {
    if ((bits(b) & other.bits(b)) != 0) return true;
  }
  return false;
}

int CoreSet::size() const {
  int count = 0;
  for (std::size_t b = 0; b < bytes_.size(); ++b) count += __builtin_popcount(bits(b));
  return count;
}

std::vector<int> CoreSet::cores() const {
  std::vector<int> all;
  for (int core = 0; core < static_cast<int>(8 * bytes_.size()); ++core) {
    if ((bits(static_cast<std::size_t>(core) / 8) >> (core % 8) & 1U) != 0) all.push_back(core);
  }
  return all;
}

CoreSet own_cores() {
  std::vector<int> processors = affinity_mask();
  const std::vector<int> places = bound_places();
  processors.insert(processors.end(), places.begin(), places.end());
  const int all = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  for (int processor = 0; processors.empty() && processor < all; ++processor) processors.push_back(processor);
  return cores_of(processors);
}

CoreSet cores_without_binding() {
  std::vector<int> processors;
  // the kernel cuts a wish for all processors down to what the control group allows; a thread has its own mask
  std::thread([&] {
    try {
      with_processor_set([](cpu_set_t* set, std::size_t bytes, int room) {
        for (int p = 0; p < room; ++p) CPU_SET_S(p, bytes, set);
        return ::sched_setaffinity(0, bytes, set);
      });
      processors = affinity_mask();
    } catch (const std::bad_alloc&) {
      processors.clear();
    }
  }).join();
  CoreSet cores = cores_of(processors);
  cores.insert(own_cores());
  return cores;
}

int processors_of_this_thread() {
  return std::max(1, static_cast<int>(affinity_mask().size()));
}

}  // namespace mpinmf
