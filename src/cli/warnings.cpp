#include "warnings.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "cli/process/launcher.hpp"
#include "kernels/blas.hpp"
#include "kernels/blas_kernel.hpp"
#include "losses/sweep_flops.hpp"
#include "machine/placement.hpp"
#include "report/counted.hpp"
#include "report/say.hpp"

namespace mpinmf::cli {
namespace {

/// Threads inside BLAS. Where they are measured, 1.0 stands for none and 2.0 for two.
constexpr double blas_with_threads = 1.5;
/// Work of a rank beside the mean. Below, the waiting is hard to tell from that for the network.
constexpr double uneven_work = 1.5;
/// Flops of a sweep: less takes below a millisecond, and messages take more.
constexpr double noticeable_work = 1e6;

std::string whose(const machine::Crowd& crowd) {
  return crowd.ranks.size() == 1 ? fmt::format("rank {}", crowd.ranks.front())
                                 : fmt::format("{} ranks", crowd.ranks.size());
}

std::string crowded_host(const machine::Crowd& crowd, Index threads_each) {
  const auto ranks = static_cast<Index>(crowd.ranks.size());
  const Index cores = crowd.cores.size();
  std::string cure = threads_each > 1 ? start_with(threads_each) : "";
  if (!cure.empty()) cure += " or ";
  cure += cores >= ranks ? fmt::format("take --threads {}", cores / ranks)
                         : fmt::format("start at most {} on such a host", report::counted(cores, "rank"));
  return fmt::format("{} has {} for the {} of {}, which slow each other; {}", crowd.host,
                     report::counted(cores, "core"), report::counted(crowd.threads, "thread"), whose(crowd), cure);
}

std::string crowded_by_binding(const machine::Crowd& crowd, Index threads_each) {
  std::string cure = start_with(threads_each);
  cure += cure.empty() ? "start" : " or";
  return fmt::format(
      "binding holds the {} of {} on core{} {} of {}, where they slow each other while {} idle; {} without "
      "what binds them (taskset, --bind-to, --cpu-bind)",
      report::counted(crowd.threads, "thread"), whose(crowd), crowd.cores.size() == 1 ? "" : "s",
      machine::ranges(crowd.cores.cores()), crowd.host,
      report::counted(crowd.idle_cores, "core") + (crowd.idle_cores == 1 ? " is" : " are"), cure);
}

/// A line for hosts that are too small and one for bindings, each for the first of its kind.
void add_crowds(const std::vector<machine::RankPlace>& places, std::vector<std::string>& warnings) {
  const std::vector<machine::Crowd> all = machine::crowds(places);
  for (const bool by_binding : {false, true}) {
    const auto is_such = [&](const machine::Crowd& crowd) { return (crowd.idle_cores > 0) == by_binding; };
    const auto first = std::find_if(all.begin(), all.end(), is_such);
    if (first == all.end()) continue;
    const Index threads_each = places[static_cast<std::size_t>(first->ranks.front())].threads;
    std::string text = by_binding ? crowded_by_binding(*first, threads_each) : crowded_host(*first, threads_each);
    const Index others = std::count_if(first + 1, all.end(), is_such);
    if (others > 0) text += fmt::format(" (it is the same on {})", report::counted(others, "other host"));
    warnings.push_back(std::move(text));
  }
}

void add_blas_with_threads(const Comm& comm, std::vector<std::string>& warnings) {
  use_one_blas_thread();
  double own = 1;
  comm.meet([&] { own = threads_inside_blas(); });
  const std::vector<double> threads = comm.gather(own);
  const auto most = std::max_element(threads.begin(), threads.end());
  if (*most < blas_with_threads) return;
  warnings.push_back(
      fmt::format("BLAS has threads of its own, {:.0f} on rank {}, and every thread of mpinmf calls it; set "
                  "OPENBLAS_NUM_THREADS=1 (MKL_NUM_THREADS, BLIS_NUM_THREADS), or use a BLAS without threads",
                  *most, most - threads.begin()));
}

/// Held against the least level of all ranks: what is advised is set for all of them, and has to run on each.
void add_slow_blas(const Comm& comm, std::vector<std::string>& warnings) {
  const auto own_level = static_cast<double>(vector_level());
  const auto level = static_cast<VectorLevel>(comm.min(own_level));
  std::string own;
  comm.meet([&] {
    if (const std::optional<SlowBlas> slow = slow_blas(level)) own = text_of(*slow);
  });
  const std::vector<std::string> texts = comm.gather(own);
  const auto first =
      std::find_if(texts.begin(), texts.end(), [](const std::string& text) { return !text.empty(); });
  if (first != texts.end()) warnings.push_back(*first);
}

std::vector<std::string> said(const Comm& comm, std::vector<std::string> texts, bool quiet) {
  Warnings warnings(comm, quiet);
  for (std::string& text : texts) warnings.add(std::move(text));
  return warnings.texts();
}

}  // namespace

Warnings::Warnings(const Comm& comm, bool quiet, std::string name)
    : says_(comm.is_root() && !quiet), name_(std::move(name)) {}

void Warnings::add(std::string text) {
  if (says_) report::say(fmt::format("mpinmf: warning: {}{}\n", name_, text));
  texts_.push_back(std::move(text));
}

std::vector<std::string> warn_of_placement(const Comm& comm, const ThreadPlan& plan, bool quiet) {
  std::vector<std::string> warnings;
  add_crowds(machine::gather_places(comm, plan.threads), warnings);
  add_blas_with_threads(comm, warnings);
  add_slow_blas(comm, warnings);
  return said(comm, std::move(warnings), quiet);
}

template <class T>
std::vector<std::string> warn_of_uneven_work(const DataMatrix<T>& v, const Options& options, bool quiet) {
  const Index stored = v.stored_before(v.rows_local());
  const std::vector<double> work =
      v.comm().gather(flops_of_a_sweep({v.rows_local(), v.columns(), stored}, options.components, options.loss));
  const std::vector<Index> entries = v.comm().gather(stored);
  const auto most = std::max_element(work.begin(), work.end());
  const double mean = std::accumulate(work.begin(), work.end(), 0.0) / static_cast<double>(work.size());
  if (*most < noticeable_work || *most < uneven_work * mean) return {};
  const auto rank = most - work.begin();
  std::string text = fmt::format(
      "rank {} has {:.1f} times the mean work of a rank ({} of {} entries), and the others wait for it; "
      "take fewer ranks, or shuffle the rows of V so that its heavy rows do not lie together",
      rank, *most / mean, entries[static_cast<std::size_t>(rank)], v.summary().stored);
  return said(v.comm(), {std::move(text)}, quiet);
}

void warn_of_clipped(Index clipped, Warnings& warnings) {
  if (clipped == 0) return;
  warnings.add(fmt::format("negative entries of V that were taken as 0, as --clip-negative asks: {}", clipped));
}

void warn_of_summed(Index summed, const std::string& path, Warnings& warnings) {
  if (summed == 0) return;
  warnings.add(summed == 1
                   ? fmt::format("1 entry of {} stands in the same place as another: summed", path)
                   : fmt::format("{} entries of {} stand in the same place as others: summed", summed, path));
}

template std::vector<std::string> warn_of_uneven_work(const DataMatrix<float>&, const Options&, bool);
template std::vector<std::string> warn_of_uneven_work(const DataMatrix<double>&, const Options&, bool);

}  // namespace mpinmf::cli
