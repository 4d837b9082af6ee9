// What makes a run slow though nothing is wrong with it: one line each on standard error, and in run.json.
#pragma once

#include <string>
#include <vector>

#include "mpinmf/data_matrix.hpp"
#include "mpinmf/options.hpp"
#include "mpinmf/trace.hpp"

namespace mpinmf::cli {

/// Warns, unless `quiet`, of hosts with fewer cores than threads, of ranks that are bound to the same cores while
/// others are idle, and of a BLAS with threads of its own; sets BLAS to one thread first, as a fit does. Returns
/// the warnings, the same on every rank. Collective.
std::vector<std::string> warn_of_placement(const Comm& comm, const ThreadPlan& plan, bool quiet);

/// The same of a rank that has far more work than the mean, which the others wait for in each iteration.
template <class T>
std::vector<std::string> warn_of_uneven_work(const DataMatrix<T>& v, const Options& options, bool quiet);

}  // namespace mpinmf::cli
