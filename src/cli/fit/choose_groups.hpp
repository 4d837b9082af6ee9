// Into how many groups several fits split their ranks.
#pragma once

#include <string>

#include "arguments.hpp"
#include "mpinmf/load.hpp"
#include "report/memory.hpp"

namespace mpinmf::cli {

/// What --groups asks for; 0: auto, which is chosen when V's header is known. Throws UsageError for other texts.
int groups_in(const std::string& text);

/// Throws UsageError where there are more groups than ranks. Collective.
void require_ranks_for_groups(const Comm& comm, const FitArguments& fits);

/// For auto: 1 where V is large, else the largest number of equal groups that have 4 fits each or more, and for
/// whose copies of V all hosts have the memory. Collective.
int best_groups(const Comm& comm, const FitArguments& fits, const MatrixHeader& header);

/// What auto would choose for any number of fits by this plan, if each rank had so many bytes of memory, and why:
/// "--groups auto: up to 8, ...".
std::string groups_advice(const MatrixHeader& header, report::MemoryPlan plan, double memory_of_rank);

}  // namespace mpinmf::cli
