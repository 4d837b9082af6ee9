// Where a command puts V.
#pragma once

#include "report/memory.hpp"
#include "solver_arguments.hpp"

namespace mpinmf::cli {

/// How to read V for so many components, and where it goes, which is found out here. The root says when that is
/// the disk without being asked for. Throws SystemError, on every rank, where memory or disk are too small.
/// Collective.
LoadOptions placed_options(const Comm& comm, const InputArguments& input, Index components,
                           const MatrixHeader& header, const report::MemoryPlan& plan, bool quiet);

}  // namespace mpinmf::cli
