// What `mpinmf scaling` was asked.
#pragma once

#include <string>
#include <vector>

#include "mpinmf/matrix.hpp"
#include "scaling/rows.hpp"

namespace mpinmf::cli {

struct ScalingArguments {
  std::string matrix;  ///< V; of a weak study that of one rank
  std::string study = "strong";
  std::string components;  ///< k
  std::vector<int> ranks;  ///< ascending; none: powers of two up to this machine's cores
  int repeats = 3, threads = 1;
  Index iterations = 20;
  std::string launcher;                  ///< with {ranks}, {threads}, {nodes}; empty: mpirun
  int ranks_per_node = 0;                ///< for {nodes}; 0: not given
  std::vector<std::string> fit_options;  ///< words
  int predict_to = 0;                    ///< ranks; 0: not asked for
  std::string output;
  bool force = false, resume = false, quiet = false;

  bool is_weak() const { return study == "weak"; }
  scaling::ScalingStudy kind() const {
    return is_weak() ? scaling::ScalingStudy::weak : scaling::ScalingStudy::strong;
  }
};

/// Completes the arguments. Throws UsageError for what cannot be, before anything runs.
void prepare(ScalingArguments& arguments);

/// The launcher for so many ranks, as a shell reads it. @pre prepared
std::string launcher_for(const ScalingArguments& arguments, int ranks);
/// V for so many ranks. @pre prepared
std::string matrix_for(const ScalingArguments& arguments, int ranks);

}  // namespace mpinmf::cli
