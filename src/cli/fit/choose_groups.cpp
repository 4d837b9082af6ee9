#include "choose_groups.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <limits>

#include "cli/sizes.hpp"
#include "machine/threads.hpp"
#include "report/counted.hpp"
#include "report/storage.hpp"

namespace mpinmf::cli {
namespace {

/// Bytes of V that a rank has as one of all. On 2 ranks two groups took 0.9 of the time for 38 MiB, and as long or
/// longer for 153 MiB and more: copying V took what the messages would have.
constexpr double largest_share = 64.0 * 1024 * 1024;
/// Fits that each group has at least, so that what groups wait at the end for the last one is a small part.
constexpr Index least_fits = 4;

/// Bytes of the entries of V that a rank has, where all are one group.
double share_of_rank(const Comm& comm, const MatrixHeader& header, const report::MemoryPlan& plan) {
  const Index of_value = value_bytes(header.held_as, plan.single_precision ? sizeof(float) : sizeof(double));
  return DataMatrix<double>::entry_bytes(static_cast<double>(header.stored), header.sparse, of_value) /
         comm.size();
}

}  // namespace

int groups_in(const std::string& text) {
  if (text == "auto") return 0;
  constexpr Index most = std::numeric_limits<int>::max();
  return static_cast<int>(std::min(parse_count("--groups (auto, or a number)", text, 1), most));
}

void require_ranks_for_groups(const Comm& comm, const FitArguments& fits) {
  comm.meet([&] {
    if (fits.groups <= comm.size()) return;
    throw UsageError(fmt::format("--groups {}: there {} only {}", fits.groups, comm.size() == 1 ? "is" : "are",
                                 report::counted(comm.size(), "rank")));
  });
}

int best_groups(const Comm& comm, const FitArguments& a, const MatrixHeader& header) {
  Options largest = a.options;
  largest.components = a.most_components();
  const ThreadPlan threads = threads_for(comm, a.options.threads);
  report::MemoryPlan plan = report::plan_of_fit(resolve(largest, header.rows, header.columns, threads),
                                                single_precision(a.input, header));
  plan.ranks = comm.size();
  plan.storage = asked_storage(a.input).value_or(Storage::memory);
  if (share_of_rank(comm, header, plan) > largest_share) return 1;
  const Index fits = static_cast<Index>(a.components.size()) * a.restarts;
  for (int groups = comm.size(); groups > 1; --groups) {
    if (comm.size() % groups != 0 || fits / groups < least_fits) continue;
    plan.groups = groups;
    if (report::fits_in_memory(comm, header, plan)) return groups;
  }
  return 1;
}

}  // namespace mpinmf::cli
