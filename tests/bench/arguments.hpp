// The options of mpinmf-bench.
#pragma once

#include <string>
#include <vector>

#include "mpinmf/matrix.hpp"
#include "timing.hpp"

namespace mpinmf::bench {

struct Arguments {
  std::vector<std::string> workloads, losses = {"frobenius"}, precisions = {"double", "float"};
  std::vector<std::string> data;  ///< folders with files of the workloads
  double scale = 1;               ///< share of the rows
  int threads = 0;                ///< in a rank; 0 as in Options
  Effort effort;
  std::string json;

  bool convergence = false, rule_cost = false,
       pipeline = false;  ///< measure this instead of sweeps and iterations
  std::vector<Index> features = {10000, 50000, 200000}, components = {20, 100};  ///< n and k of --pipeline
  std::vector<std::string> rules;  ///< as RuleVariant::name; empty: all
  std::string target;              ///< the rule whose best loss is the mark; empty: any of them
  std::string reach;               ///< the rule whose end is another mark, where it races; empty: none
  int starts = 5;
  int start_mu = 0;  ///< iterations of mu that the random starts have behind them
  double seconds_per_run = 20;
  Index iterations = 2000;      ///< of a run, at most
  double stalled = 2e-8;        ///< a run is over when the loss falls by less than this share in ten iterations
  bool processor_time = false;  ///< counts the root's processor seconds, of all its threads, in place of wall time
  std::string csv, plot;        ///< the path without ending and name of the workload

  std::string other;     ///< the program to compare with; empty: measure
  std::string launcher;  ///< how both are started, as a shell reads it
  int rounds = 7;
  std::vector<std::string> passed_on;  ///< what was given of the options above `other`, for both

  bool is_help = false;
  std::string help;
};

/// Reads the command line. Throws UsageError for anything that makes no sense; needs no MPI.
Arguments parse_arguments(int argc, char** argv);

}  // namespace mpinmf::bench
