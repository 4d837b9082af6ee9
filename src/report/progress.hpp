// Where a fit stands, on standard error.
#pragma once

#include <chrono>
#include <limits>
#include <string>

#include "mpinmf/options.hpp"

namespace mpinmf::report {

/// Made on the one rank that shows it. On a terminal a bar that is redrawn, else a line every few seconds.
class ProgressDisplay {
 public:
  /// `max_seconds`: when the fit stops at the latest. `name`: of the fit, before all that is said of it.
  explicit ProgressDisplay(double max_seconds, std::string name = "");
  ~ProgressDisplay();
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;

  void show(const Progress& progress);
  /// Leaves the line of the bar, without what was typed meanwhile, so that what follows starts on a fresh one.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;
  bool terminal_;
  double max_seconds_;
  std::string name_;
  std::string drawn_;  // the line that stands on the terminal
  Clock::time_point last_ = Clock::now();
};

/// "iteration 20/200, loss 123.4, 10.0 iterations/s, 18 s left". `max_seconds`: when the fit stops at the latest.
std::string progress_text(const Progress& progress, double max_seconds = std::numeric_limits<double>::infinity());

/// "[####......] iteration 20/200, ..." in less than `width` columns: what has no room is left out, first the bar,
/// then the speed, the loss and the time left. `name` stands before the text.
std::string progress_line(const Progress& progress, double max_seconds, const std::string& name,
                          std::size_t width);

}  // namespace mpinmf::report
