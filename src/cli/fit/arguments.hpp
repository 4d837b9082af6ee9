// What `mpinmf fit` was asked.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "cli/factor_output.hpp"
#include "cli/solver_arguments.hpp"
#include "mpinmf/comm.hpp"
#include "mpinmf/options.hpp"
#include "mpinmf/perturbation.hpp"

namespace mpinmf::cli {

/// How often a state is saved: after so many iterations, or else after so many seconds.
struct Interval {
  Index iterations = 0;
  double seconds = 0;

  /// "50" (iterations), "90s", "10min", "2h". Throws UsageError.
  static Interval parse(const std::string& text);
};

struct CheckpointArguments {
  bool wanted = false, resume = false;
  std::string folder;  ///< empty: in the output folder
  std::string every_text = "10min";
  Interval every;
  Index keep = 2;
};

struct FitArguments {
  InputArguments input;
  SolverArguments solver;
  std::string components_text;    ///< -k as it was typed
  std::vector<Index> components;  ///< every k, in the order asked for
  Index searched_up_to = 0;       ///< of a survey that looks for k by itself: the largest; else 0
  Index restarts = 1;             ///< seeds for each k
  bool cnmf_seeds = false;        ///< of a survey: they are drawn as cNMF draws them (seeds.hpp)
  std::string groups_text = "1";  ///< --groups as it was typed
  int groups = 1;                 ///< of ranks, each of which has all of V and does fits of its own; 0: auto
  Options options;                ///< of the first fit
  std::string fix_components;     ///< as it was typed: which --fix-h and --fix-w give; empty: the first
  std::string output, write = "w,h";
  FactorOutput factors;
  bool force = false, quiet = false;
  std::optional<Perturbation> noise;  ///< of a survey: on the V of each fit, by its seed
  bool keeps_strongest = false;       ///< of a survey, which compares fits: the strongest component of some rows
  CheckpointArguments checkpoint;

  bool stops_before_job_ends = false;  ///< --max-seconds job
  std::string checkpoint_folder() const {
    return checkpoint.folder.empty() ? output + "/checkpoint" : checkpoint.folder;
  }
  bool is_series() const { return components.size() > 1 || restarts > 1; }
  Index most_components() const { return *std::max_element(components.begin(), components.end()); }
  bool writes() const { return output != "none"; }
  bool writes_w() const { return write != "h"; }
  bool talks(const Comm& comm) const { return comm.is_root() && !quiet; }
};

using FitClock = std::chrono::steady_clock;
inline double seconds_since(FitClock::time_point start) {
  return std::chrono::duration<double>(FitClock::now() - start).count();
}

}  // namespace mpinmf::cli
