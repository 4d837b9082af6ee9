// What an iteration hands to MPI, and what MPI allocates for it. The formulas lie beside the messages: in whole_h
// and chunked_h.
#pragma once

#include "chunks.hpp"
#include "mpinmf/trace.hpp"

namespace mpinmf {

struct CommunicationSizes {
  Index components = 1;
  bool has_cross_gram = false;  ///< of an extrapolated run
  bool tells_apart = false;     ///< H first: H travels before the decision is made
};

/// As the formulas say; the counted numbers and seconds are left at 0. `statistics`: of a run that is not
/// extrapolated.
Communication communication_of(StatisticsSet statistics, const CommunicationSizes& sizes, Index element_bytes,
                               int ranks, const Chunks& chunks);

/// Bytes that MPI allocates on a rank to add up so many bytes of sums.
double bytes_in_mpi(double packed_bytes, int ranks, const Chunks& chunks);

}  // namespace mpinmf
