// What is warned of: one line each on standard error, and in run.json. Here is how, and what makes a run slow
// though nothing is wrong with it; fit_warnings.hpp has what may be wrong with a fit.
#pragma once

#include <string>
#include <vector>

#include "mpinmf/data_matrix.hpp"
#include "mpinmf/options.hpp"
#include "mpinmf/trace.hpp"

namespace mpinmf::cli {

/// Those of a run, or of one fit of several.
class Warnings {
 public:
  /// `name` stands before what is said: "k = 20, seed 3: ", or nothing.
  Warnings(const Comm& comm, bool quiet, std::string name = "");

  /// Says it, on the root and unless quiet, and keeps it for run.json.
  void add(std::string text);
  const std::vector<std::string>& texts() const { return texts_; }
  const std::string& name() const { return name_; }

 private:
  bool says_;
  std::string name_;
  std::vector<std::string> texts_;
};

/// Warns, unless `quiet`, of hosts with fewer cores than threads, of ranks that are bound to the same cores while
/// others are idle, of a BLAS with threads of its own, and of one with a kernel for older processors; sets BLAS to
/// one thread first, as a fit does. Returns the warnings, the same on every rank. Collective.
std::vector<std::string> warn_of_placement(const Comm& comm, const ThreadPlan& plan, bool quiet);

/// The same of a rank that has far more work than the mean, which the others wait for in each iteration.
template <class T>
std::vector<std::string> warn_of_uneven_work(const DataMatrix<T>& v, const Options& options, bool quiet);

/// Of entries of V that --clip-negative took as 0.
void warn_of_clipped(Index clipped, Warnings& warnings);

/// Of entries of `path` that were added to another in the same place.
void warn_of_summed(Index summed, const std::string& path, Warnings& warnings);

}  // namespace mpinmf::cli
