// Where the ranks run, and which of them are in each other's way.
#pragma once

#include <string>
#include <vector>

#include "core_set.hpp"
#include "mpinmf/comm.hpp"

namespace mpinmf::machine {

/// One rank: its host, the cores it may run on and those it could if nothing bound it, its threads.
struct RankPlace {
  std::string host;
  CoreSet cores, without_binding;
  Index threads = 1;
};

/// Of every rank, in rank order, on every rank. `threads`: of this rank. Collective.
std::vector<RankPlace> gather_places(const Comm& comm, int threads);

/// "0-3,8,10-14:2" for 0 1 2 3 8 10 12 14, in the order given.
std::string ranges(const std::vector<int>& numbers);

/// Ranks of one host, named as in `ranges`. All of them may run on all of `cores`; or each on the next
/// `cores_each` of `cores`, in the order in which `ranks` names them.
struct PlacementLine {
  std::string host, ranks, cores;
  int cores_each = 0;
};

/// Few lines for many ranks: hosts in the order of their first rank, ranks that may run on the same cores
/// together, and ranks that follow each other from core to core, as many cores each, together.
std::vector<PlacementLine> placement_lines(const std::vector<RankPlace>& places);

/// Ranks of one host with more threads than there are cores where they may run.
struct Crowd {
  std::string host;
  std::vector<int> ranks;
  Index threads = 0;  ///< of these ranks together
  CoreSet cores;
  Index idle_cores = 0;  ///< of the host, that no rank of this run can use; 0: the host has no more
};

/// One a host, those without idle cores first: there all ranks of the host; else those that their binding holds
/// together while other cores have nothing to do. Of several the one with most threads a core.
std::vector<Crowd> crowds(const std::vector<RankPlace>& places);

}  // namespace mpinmf::machine
