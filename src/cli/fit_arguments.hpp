// What `mpinmf fit` was asked.
#pragma once

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "mpinmf/comm.hpp"
#include "mpinmf/options.hpp"
#include "solver_arguments.hpp"

namespace mpinmf::cli {

struct FitArguments {
  InputArguments input;
  SolverArguments solver;
  std::string components_text;    ///< -k as it was typed
  std::vector<Index> components;  ///< every k, in the order asked for
  Index restarts = 1;             ///< seeds for each k
  Options options;                ///< of the first fit
  std::string output, write = "w,h";
  bool force = false, quiet = false;

  bool is_series() const { return components.size() > 1 || restarts > 1; }
  Index most_components() const { return *std::max_element(components.begin(), components.end()); }
  bool writes() const { return output != "none"; }
  bool writes_w() const { return write != "h"; }
  bool talks(const Comm& comm) const { return comm.is_root() && !quiet; }
};

using FitClock = std::chrono::steady_clock;
inline double seconds_since(FitClock::time_point start) {
  return std::chrono::duration<double>(FitClock::now() - start).count();
}

}  // namespace mpinmf::cli
