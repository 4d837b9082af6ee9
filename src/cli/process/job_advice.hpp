// Which nodes, ranks and threads a factorization should be given, as a Slurm script.
#pragma once

#include <string>

#include "report/memory.hpp"

namespace mpinmf::cli {

/// The nodes of a cluster.
struct Node {
  Index cores = 0;
  double memory = 0;  ///< bytes
};

/// How to start the program.
struct Job {
  Index nodes = 1;
  int ranks_on_node = 1, threads = 1;
  report::MemoryPlan plan;  ///< with these ranks and threads
  report::MemoryNeed need;  ///< of the rank with the most rows
  double node_memory = 0;   ///< bytes to ask for on each node
};

/// Ranks or threads? Both divide the rows of V. Each rank has its own H and sums, and MPI adds the sums up;
/// threads share H, and (sparing the copies where these would outweigh V) add their sums up in memory. Ranks keep
/// V in the memory next to their cores without any care, and leave no part of an iteration to one core. So:
///   1. as few nodes as hold V, W, H and the sums with one rank each, with a margin of a fifth;
///   2. on these, as many ranks as fit there while H and its sums stay below a quarter of a rank's rows of V; if
///      they never do, one rank a node;
///   3. cores / ranks threads each; no more cores than V has row panels, which are what a core is given.
/// Throws UsageError when no number of such nodes would do.
Job advise(const MatrixHeader& header, report::MemoryPlan plan, const Node& node);

/// Prints the advice with its script. `arguments`: of mpinmf fit, as a shell reads them.
void print_job(const Job& job, const Node& node, const std::string& arguments);

}  // namespace mpinmf::cli
