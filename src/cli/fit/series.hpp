// Several fits of one V: every k with every seed.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "arguments.hpp"
#include "checkpoints.hpp"
#include "cli/data_names.hpp"
#include "cli/process/output_folder.hpp"
#include "data.hpp"
#include "group_jobs.hpp"
#include "mpinmf/load.hpp"
#include "report/summary.hpp"

namespace mpinmf::cli {

/// A series when V is there.
template <class T>
struct SeriesState {
  const FitArguments& arguments;  ///< with the threads that each rank has
  const Groups& groups;
  const FitData<T>& data;  ///< of the ranks of this rank's group
  const DataNames& names;
  OutputFolder* folder;  ///< in the first group, if results are written
  RunLimits& limits;
};

/// What a command adds to a series.
template <class T>
struct SeriesHooks {
  /// Before the first fit: the k that are fitted; without it arguments.components. Collective over all ranks.
  std::function<std::vector<Index>(const SeriesState<T>&)> choose_components = {};
  /// Where there are groups: more jobs for them, whose costs are numbers of components. Collective over all ranks.
  std::function<std::vector<GroupJob>(const SeriesState<T>&)> more_jobs = {};
  /// Does one of them. Collective in the group that does it.
  std::function<void(const SeriesState<T>&, Index number)> do_job = {};
  /// After the last fit, where results are written: what the ranks of the first group know of each, by k and seed.
  /// Collective over all ranks.
  std::function<void(const SeriesState<T>&, std::span<const report::SummaryRow> fits)> at_end = {};
};

/// Reads V once and fits it for each k with `restarts` seeds, starting with the one that was given. DIR/k20/seed3
/// takes what a fit leaves as soon as it has ended, but W for the best seed of each k alone: it is written when a
/// seed turns out to be the best so far and removed when it is beaten, because a second W in memory would cost
/// every rank room, and a W written costs less than an iteration. DIR/summary.csv and its picture come last.
/// Where there are groups of ranks each of them has all of V, and does the fits that fall to it; checkpoints must
/// be wanted, and a folder. Collective.
template <class T>
void run_series(const Comm& comm, const FitArguments& arguments, const MatrixHeader& header,
                const DataNames& names, const SeriesHooks<T>& hooks = {});

}  // namespace mpinmf::cli
