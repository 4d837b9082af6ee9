// What run.json says of a fit that has ended, for runs that go on from there.
#pragma once

#include <optional>
#include <string>

#include "io/checkpoint.hpp"
#include "mpinmf/options.hpp"
#include "summary.hpp"

namespace mpinmf::report {

struct FinishedRun {
  io::Facts fit;  ///< of which fit; empty: it kept no checkpoints
  double tolerance = 0, max_seconds = 0;
  SummaryRow row;  ///< what a summary says of it
};

/// Throws BadData when `text` is not the run.json of a fit; names `path`.
FinishedRun parse_finished_run(const std::string& text, const std::string& path);

/// Whether a fit with these limits would not go on from there.
bool is_finished(const FinishedRun& run, const Options& options);

/// The text of run.json without one of the names of files written.
std::string without_written(const std::string& text, const std::string& name);

}  // namespace mpinmf::report
