#include "storage.hpp"

#include <fmt/core.h>

#include "machine/memory_limit.hpp"
#include "machine/scratch_file.hpp"

namespace mpinmf::report {
namespace {

/// On this rank's host.
bool fits(const Comm& comm, const MatrixHeader& header, const MemoryPlan& plan) {
  return memory_need(header, plan).of_ranks(comm.ranks_on_this_host()) <= machine::memory_limit().bytes;
}

bool disk_helps(const Comm& comm, const MatrixHeader& header, MemoryPlan plan, const std::string& folder) {
  plan.storage = Storage::memory;
  const bool is_short = comm.max(fits(comm, header, plan) ? 0.0 : 1.0) > 0;
  plan.storage = Storage::disk;
  return is_short && comm.min(fits(comm, header, plan) && !machine::lies_in_memory(folder) ? 1.0 : 0.0) > 0;
}

void require_disk(const Comm& comm, const MatrixHeader& header, const MemoryPlan& plan,
                  const std::string& folder) {
  const int ranks_on_host = comm.ranks_on_this_host();
  comm.meet([&] {
    const double need = memory_need(header, plan).disk * ranks_on_host,
                 there = machine::free_bytes_of_disk(folder);
    if (need <= there) return;
    throw SystemError(fmt::format(
        "{}: {} rank{} on {} need {} there for V, but {} are free; --scratch names another "
        "folder",
        folder, ranks_on_host, ranks_on_host == 1 ? "" : "s", host_name(), bytes_text(need), bytes_text(there)));
  });
}

}  // namespace

bool fits_in_memory(const Comm& comm, const MatrixHeader& header, const MemoryPlan& plan) {
  return comm.min(fits(comm, header, plan) ? 1.0 : 0.0) > 0;
}

Storage choose_storage(const Comm& comm, const MatrixHeader& header, MemoryPlan plan, const StorageWish& wish) {
  const std::string folder = machine::scratch_folder(wish.scratch).path;
  const bool on_disk = wish.asked ? *wish.asked == Storage::disk : disk_helps(comm, header, plan, folder);
  plan.storage = on_disk ? Storage::disk : Storage::memory;
  require_memory(comm, header, plan);
  if (on_disk) require_disk(comm, header, plan, folder);
  return plan.storage;
}

}  // namespace mpinmf::report
