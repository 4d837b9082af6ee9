// Fits of several groups of ranks, from the first to the last.
#pragma once

#include <functional>
#include <vector>

#include "checkpoints.hpp"
#include "groups.hpp"

namespace mpinmf::cli {

struct GroupJob {
  Index number;
  double cost;  ///< in any unit
};

/// Does all jobs, the costly ones first, so that groups end together: `work` is called in one group for each, and
/// may communicate there. What it throws ends the work of all groups, whose fits stop in good order (through
/// `limits`), and is thrown by all ranks. `talks`: says now and then how far it is. Collective over all ranks.
void do_in_groups(const Groups& groups, std::vector<GroupJob> jobs, RunLimits& limits, bool talks,
                  const std::function<void(Index number)>& work);

}  // namespace mpinmf::cli
