// mpinmf report --html: gathers what a result folder holds and writes the page.
#pragma once

#include <string>
#include <vector>

#include "cli/components/arguments.hpp"
#include "cli/fit/several_fits.hpp"
#include "report/html_report.hpp"
#include "report/json_fields.hpp"

namespace mpinmf::cli {

/// Throws UsageError where `path` is there already and not to be replaced, or is no file.
void require_free_page(const std::string& path, bool force);

/// The tables that a survey left in `folder`, nothing in that of other fits. Throws BadData for a broken one.
report::PageSurvey survey_in(const std::string& folder);

/// Writes the page about `folder`, completely or not at all. `run` is of its one fit, or of the best of `fits`.
/// Pictures that are not there are drawn, those of `images` in any case.
/// Throws BadData for a broken trace.csv, topics.json or suggestions.csv. Does not communicate.
void write_page(const std::string& path, const std::string& folder, const report::JsonFields& run,
                const std::vector<EndedFit>& fits, const ComponentsArguments& images);

}  // namespace mpinmf::cli
