// Where it pays to send the sums of large H in chunks: iterations with one packed sum and one broadcast, beside
// the same with H's update cut into chunks.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "arguments.hpp"

namespace mpinmf::bench {

/// Seconds of an iteration on the slowest rank, H being k x n.
struct PipelineCase {
  Index features = 0, components = 0;  ///< n and k
  Index chunks = 1;                    ///< 1: not cut
  bool chosen = false;                 ///< what a fit takes
  Index bytes = 0;                     ///< that an iteration hands to MPI on each rank
  Spread seconds;
};

/// Measures every n with every k of `arguments`, with several numbers of chunks in turn, and hands the cases of
/// each pair to `take`, on every rank. V is sparse and small, so that an iteration is its messages and the update
/// of H. Collective.
void measure_pipeline(const Comm& comm, const Arguments& arguments, int threads,
                      const std::function<void(const std::vector<PipelineCase>&)>& take);

std::string pipeline_head();
std::string pipeline_lines(const std::vector<PipelineCase>& cases);
std::string pipeline_csv(const std::vector<PipelineCase>& cases, int ranks);

}  // namespace mpinmf::bench
