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
double share_of_rank(const MatrixHeader& header, const report::MemoryPlan& plan) {
  const Index of_value = value_bytes(header.held_as, plan.single_precision ? sizeof(float) : sizeof(double));
  return DataMatrix<double>::entry_bytes(static_cast<double>(header.stored), header.sparse, of_value) / plan.ranks;
}

/// The largest number of equal groups that is good, or 1.
template <class F>
int most_groups(int ranks, F&& is_good) {
  for (int groups = ranks; groups > 1; --groups) {
    if (ranks % groups == 0 && is_good(groups)) return groups;
  }
  return 1;
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
  if (share_of_rank(header, plan) > largest_share) return 1;
  const Index fits = static_cast<Index>(a.components.size()) * a.restarts;
  return most_groups(comm.size(), [&](int groups) {
    plan.groups = groups;
    return fits / groups >= least_fits && report::fits_in_memory(comm, header, plan);
  });
}

std::string groups_advice(const MatrixHeader& header, report::MemoryPlan plan, double memory_of_rank) {
  const double share = share_of_rank(header, plan);
  const std::string size = report::bytes_text(share), most = report::bytes_text(largest_share);
  if (share > largest_share) {
    return fmt::format(
        "--groups auto: 1, as a rank's share of V is {}, more than {}: copies would cost what they save", size,
        most);
  }
  const int groups = most_groups(plan.ranks, [&](int asked) {
    plan.groups = asked;
    return report::memory_need(header, plan).total() <= memory_of_rank;
  });
  return fmt::format(
      "--groups auto: up to {}, with {} fits or more each, as a rank's share of V is {}, at most {}", groups,
      least_fits, size, most);
}

}  // namespace mpinmf::cli
