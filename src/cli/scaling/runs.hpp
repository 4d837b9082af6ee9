// The fits that a scaling study measures.
#pragma once

#include <set>
#include <vector>

#include "arguments.hpp"
#include "cli/process/child_process.hpp"
#include "cli/process/output_folder.hpp"

namespace mpinmf::cli {

/// Runs `mpinmf fit` again and again through the launcher, and keeps scaling.csv in the folder up to date. Beside
/// the study's own there are two small runs on the least number of ranks above one, which tell the latency of
/// messages from their bandwidth: one with tiny messages, one with the study's messages and few rows.
class ScalingRuns {
 public:
  /// `folder` and `arguments` must outlive this.
  ScalingRuns(const ScalingArguments& arguments, OutputFolder& folder);
  ~ScalingRuns();
  ScalingRuns(const ScalingRuns&) = delete;
  ScalingRuns& operator=(const ScalingRuns&) = delete;

  /// All that are not done yet. Throws the error of a run that failed, Interrupted.
  void run();
  const std::vector<scaling::ScalingRow>& rows() const { return rows_; }

 private:
  /// One run.
  struct Fit {
    std::string matrix, components;
    std::vector<std::string> options;
    int ranks = 1;
    Index iterations = 1;
  };

  void resume();
  void measure(int ranks, int repeat);
  void measure_messages(const scaling::ScalingRow& study, int ranks);
  void require_same_rule(const scaling::ScalingRow& row) const;
  void keep(scaling::ScalingRow row);
  scaling::ScalingRow run(const Fit& fit);
  std::vector<std::string> words(const Fit& fit) const;
  [[noreturn]] void fail(const Fit& fit, int code) const;
  int done(int ranks) const;
  std::string csv_path() const;

  const ScalingArguments& arguments_;
  OutputFolder& folder_;
  std::string scratch_;  // folder for what the fits write; on a file system that their hosts share with this one
  ProcessRunner runner_;
  std::vector<scaling::ScalingRow> rows_;
  std::set<int> warmed_up_;  // numbers of ranks
};

}  // namespace mpinmf::cli
