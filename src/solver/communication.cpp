#include "communication.hpp"

#include "chunked_h.hpp"
#include "whole_h.hpp"

namespace mpinmf {

Communication communication_of(StatisticsSet statistics, const CommunicationSizes& sizes, Index element_bytes,
                               int ranks, const Chunks& chunks) {
  if (sizes.has_cross_gram) statistics = statistics | StatisticsSet{Statistic::cross_gram};
  Communication result;
  if (ranks == 1) {
    result.formula = "0: one rank";
  } else if (chunks.pipelined()) {
    result = communication_in_chunks(statistics, sizes, element_bytes, chunks);
  } else {
    result = communication_in_one(statistics, sizes, element_bytes, chunks.features);
  }
  result.pipelined = ranks > 1 && chunks.pipelined();
  result.chunks = chunks.count();
  return result;
}

double bytes_in_mpi(double packed_bytes, int ranks, const Chunks& chunks) {
  if (ranks == 1) return 0;
  return chunks.pipelined() ? chunk_bytes_in_mpi(packed_bytes, chunks) : whole_bytes_in_mpi(packed_bytes);
}

}  // namespace mpinmf
