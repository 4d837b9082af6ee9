// What run.json says of a fit that has ended, for runs that go on from there.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "io/checkpoint/checkpoint.hpp"
#include "mpinmf/resolved_options.hpp"
#include "summary.hpp"

namespace mpinmf::report {

struct FinishedRun {
  io::Facts fit;            ///< of which fit; empty: it kept no checkpoints
  std::string sample_of_v;  ///< of V's file; empty: not known
  double tolerance = 0, max_seconds = 0;
  std::vector<std::string> written;  ///< files in its folder
  bool has_final_w = false;          ///< W was solved for at the end
  std::string normalize;             ///< as in run.json
  bool scales_w = true, has_diagonal = false;
  SummaryRow row;  ///< what a summary says of it
};

/// Throws BadData when `text` is not the run.json of a fit; names `path`.
FinishedRun parse_finished_run(const std::string& text, const std::string& path);

/// Whether a fit with these limits would not go on from there, and its results would be the same; `wanted`: files
/// that these are to hold.
bool is_finished(const FinishedRun& run, const ResolvedOptions& options, const std::vector<std::string>& wanted);

/// The text of run.json without one of the names of files written.
std::string without_written(const std::string& text, const std::string& name);

}  // namespace mpinmf::report
