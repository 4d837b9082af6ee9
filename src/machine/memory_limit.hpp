// How much memory the program may use on this host.
#pragma once

#include <string>

namespace mpinmf::machine {

/// What this host allows all ranks on it together, and who says so.
struct MemoryLimit {
  double bytes = 0;
  std::string source;
};

/// The smallest of the control group's limit, Slurm's and the free memory. Does not communicate.
MemoryLimit memory_limit();

}  // namespace mpinmf::machine
