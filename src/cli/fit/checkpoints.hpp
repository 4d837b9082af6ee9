// What stands between a fit and its end by force: checkpoints, signals, and the end of a job.
#pragma once

#include <functional>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "arguments.hpp"
#include "cli/process/stop_signals.hpp"
#include "cli/warnings.hpp"
#include "io/checkpoint/checkpoint.hpp"
#include "mpinmf/data_matrix.hpp"
#include "mpinmf/nmf.hpp"
#include "report/run_json.hpp"

namespace mpinmf::cli {

/// What all fits of a run share: when it began, when it must be over, and what was asked of it by signals.
class RunLimits {
 public:
  /// Collective. Throws UsageError where --max-seconds job is asked for outside of a job.
  RunLimits(const Comm& comm, const FitArguments& arguments);

  SignalWatch& signals() { return signals_; }
  /// Who else may ask fits to stop: other groups of ranks, in which something has happened. Local.
  void set_others(std::function<bool()> stop) { others_stop_ = std::move(stop); }
  bool do_others_stop() const { return others_stop_ && others_stop_(); }
  /// Since the program began.
  double seconds_since_start() const;
  /// Whether the root is past --max-seconds. Collective.
  bool is_over(const Comm& comm, double max_seconds) const;
  /// Until the job ends; infinite unless that was asked for.
  double seconds_left() const { return end_of_job_ - seconds_since_start(); }
  /// Whether a fit of this run has ended before the one that comes.
  bool has_fitted() const { return has_fitted_; }
  void note_fit() { has_fitted_ = true; }

 private:
  SignalWatch signals_;
  std::function<bool()> others_stop_;
  bool has_fitted_ = false;
  double end_of_job_ = std::numeric_limits<double>::infinity();
};

/// Of one fit. `open`, `leave`, `forget` and what the hooks call are collective. Leaves no folder without a
/// checkpoint.
template <class T>
class FitCheckpoints {
 public:
  /// `folder`: where checkpoints are kept; empty: nowhere. The name of `warnings` stands before what is said.
  FitCheckpoints(const FitArguments& arguments, const DataMatrix<T>& v, RunLimits& limits, std::string folder,
                 Warnings& warnings);
  ~FitCheckpoints();
  FitCheckpoints(const FitCheckpoints&) = delete;
  FitCheckpoints& operator=(const FitCheckpoints&) = delete;

  /// Finds what --resume goes on from. `fit`: see fit_identity. Throws as io::CheckpointFolder, and UsageError
  /// where there are checkpoints and neither --resume nor --force is given, or where another run writes some.
  void open(const io::Facts& fit);
  /// Goes on from what was found, if anything, and saves and stops from now on as asked for.
  FitHooks<T> hooks();
  /// After a fit that was stopped by request. Throws Stopped, or SystemError where its state could not be saved.
  [[noreturn]] void leave(const Nmf<T>& model) const;

  /// Removes all checkpoints, of a fit whose results are written; also without `open`.
  void forget();
  /// Adds what run.json says of them.
  void describe(report::RunFacts& facts) const;

 private:
  void leave_if_stopped() const;
  [[noreturn]] void leave_after(const std::string& last) const;
  void lock();
  void unlock();
  Requests take_requests();
  bool is_due(Index iteration);
  void save(FitState<T>& state);
  std::string trace_path() const { return path_ + "/trace.csv"; }
  void write_trace(std::span<const TraceRow> trace) const;
  double seconds_to_write() const;
  void say(const std::string& text) const;

  const FitArguments& arguments_;
  const DataMatrix<T>& v_;
  RunLimits& limits_;
  std::string path_;
  Warnings& warnings_;
  io::Facts fit_;
  std::optional<io::CheckpointFolder> folder_;
  bool is_locked_ = false;  // by the root
  std::optional<io::Manifest> found_;
  Index tried_ = 0;  // iteration of the newest checkpoint, or attempt at one
  Index asked_ = 0;  // how often the fit has asked for requests
  FitClock::time_point tried_at_, asked_at_;
  double longest_save_ = 0, longest_iteration_ = 0;  // seconds, so far
  std::string failure_;                              // of the last attempt to save
};

}  // namespace mpinmf::cli
