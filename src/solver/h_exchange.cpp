#include "h_exchange.hpp"

#include "chunked_h.hpp"
#include "whole_h.hpp"

namespace mpinmf {

template <class T>
std::unique_ptr<HExchange<T>> make_h_exchange(const Comm& comm, const Chunks& chunks, Index components,
                                              PhaseSeconds& seconds) {
  if (chunks.pipelined()) return std::make_unique<ChunkedH<T>>(comm, chunks, components, seconds);
  return std::make_unique<WholeH<T>>(comm, chunks.features, seconds);
}
template std::unique_ptr<HExchange<float>> make_h_exchange(const Comm&, const Chunks&, Index, PhaseSeconds&);
template std::unique_ptr<HExchange<double>> make_h_exchange(const Comm&, const Chunks&, Index, PhaseSeconds&);

}  // namespace mpinmf
