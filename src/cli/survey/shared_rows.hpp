// What groups of ranks tell each other when they compare fits.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "cli/fit/groups.hpp"
#include "report/summary.hpp"
#include "report/survey.hpp"

namespace mpinmf::cli {

/// The fits that the first rank knows: components, seed, loss, explained variance, and which are the best.
/// Collective over all ranks.
std::vector<report::SummaryRow> fits_for_all(const Comm& all, std::span<const report::SummaryRow> fits);

/// The rows of a table, each of which one group has made, on every rank; held-out entries are not in them. `own`:
/// as many on every rank, on the root of a group those that it has made. Collective over all ranks.
std::vector<report::SurveyRow> rows_of_groups(const Groups& groups,
                                              const std::vector<std::optional<report::SurveyRow>>& own);

}  // namespace mpinmf::cli
