// What a run.json says, in rows of text: for the page in the terminal and the one of HTML.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "json_fields.hpp"
#include "summary.hpp"

namespace mpinmf::report {

/// A row without a name goes on with what stands above it.
struct ReportRow {
  std::string name, text;
};

/// Seconds of a phase over the ranks. `share` is the mean's in the total, in percent; `slowest` is "3 on n2".
struct PhaseRow {
  std::string name;
  std::optional<double> least, mean, most, share;
  std::string slowest;
};

/// What the file does not say, as those of older versions do, is left out.
struct RunRows {
  std::vector<ReportRow> asked, ended, where;
  std::vector<PhaseRow> seconds;
  std::vector<ReportRow> balance;
  std::vector<std::string> warnings, hints;
};
RunRows run_rows(const JsonFields& run);

/// The line of this fit in a table of several; `best` is left open, since one file cannot tell.
SummaryRow summary_row(const JsonFields& run);

}  // namespace mpinmf::report
