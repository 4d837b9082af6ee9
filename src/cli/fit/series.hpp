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
#include "mpinmf/load.hpp"
#include "report/summary.hpp"

namespace mpinmf::cli {

/// What comes after the last fit, while V is there: in `folder`, a fit's results in `fits`, one each, by k and
/// seed. Collective in the first group of ranks.
template <class T>
using SeriesEnd = std::function<void(const FitData<T>& data, const DataNames& names, OutputFolder& folder,
                                     std::span<const report::SummaryRow> fits, RunLimits& limits)>;

/// Before the first fit: the k that are fitted, where nobody has named them. Likewise.
template <class T>
using ChooseComponents =
    std::function<std::vector<Index>(const FitData<T>& data, OutputFolder& folder, RunLimits& limits)>;

template <class T>
struct SeriesHooks {
  ChooseComponents<T> choose_components = {};  ///< or arguments.components
  SeriesEnd<T> at_end = {};
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
