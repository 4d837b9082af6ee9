#include "chunked_h.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "clock.hpp"

namespace mpinmf {

Communication communication_in_chunks(StatisticsSet statistics, const CommunicationSizes& sizes,
                                      Index element_bytes, const Chunks& chunks) {
  const Index k = sizes.components, n = chunks.features, count = chunks.count();
  const Index padded = padded_columns(k, element_bytes), tail = tail_numbers(k);
  const StatisticsSet head = statistics - large_statistics;
  const Index sums = (statistics & large_statistics).count(), ends = sizes.has_cross_gram ? 2 : 1;
  const Index end_numbers = decision_numbers + (sizes.has_cross_gram ? verdict_numbers : 0);
  Communication result;
  result.bytes_by_formula =
      8 * packed_numbers(statistics, n, k) + element_bytes * padded * n + 8 * (count * tail + end_numbers);
  result.messages_by_formula = 1 + count * (sums + 2) + ends;
  result.formula = fmt::format(
      "sums of 8*({head} + {n}*{numbers}) bytes in 1 + {sums}*{count} messages, broadcasts of {s}*{padded}*{n} + "
      "8*({count}*{tail} + {decision}) bytes in 2*{count} + {ends} messages: H, whose rows are padded to "
      "{padded}, with each chunk its share of H H' and of its sums, and the decision",
      fmt::arg("head", packed_numbers_text(head, n, k)), fmt::arg("sums", sums), fmt::arg("n", n),
      fmt::arg("numbers", large_numbers(statistics, k)), fmt::arg("count", count), fmt::arg("s", element_bytes),
      fmt::arg("padded", padded), fmt::arg("tail", tail), fmt::arg("decision", end_numbers),
      fmt::arg("ends", ends));
  return result;
}

/// Measured with Open MPI 4.1: it copies the sums under way.
double chunk_bytes_in_mpi(double packed_bytes, const Chunks& chunks) {
  return packed_bytes * std::min(1.0, static_cast<double>(chunks_under_way) / static_cast<double>(chunks.count()));
}

template <class T>
ChunkedH<T>::ChunkedH(const Comm& comm, const Chunks& chunks, Index components, PhaseSeconds& seconds)
    : comm_(comm), chunks_(chunks), components_(components), seconds_(seconds) {
  for (Flight& flight : flights_) flight.tail.resize(static_cast<std::size_t>(tail_numbers(components)));
}

template <class T>
std::vector<FeatureRange> ChunkedH<T>::moved_here() const {
  std::vector<FeatureRange> own;
  for (Index c = comm_.rank(); c < chunks_.count(); c += comm_.size()) own.push_back(chunks_.range(c));
  return own;
}

template <class T>
bool ChunkedH<T>::sum(Sums<T>& sums) {
  const PhaseTimer timer(seconds_.sum);
  sums.sum_head_over(comm_);
  return sums.is_head_finite();
}

template <class T>
bool ChunkedH<T>::move(const HUpdate& update, Sums<T>& sums, HMover<T>& mover) {
  SharedH<T>& h = mover.h();
  all_finite_ = true;
  has_thrown_ = false;
  h.total().clear();
  const Index count = chunks_.count();
  const bool sums_them = !update.redo;
  for (Index c = 0; sums_them && c < std::min(depth, count); ++c) start_sum(c, sums);
  for (Index c = 0; c < count; ++c) {
    if (sums_them) finish_sum(c);
    if (owner(c) == comm_.rank()) move_own(c, update, sums, mover);
    start_broadcast(c, h);
    if (sums_them && c + depth < count) start_sum(c + depth, sums);
    if (c + 1 >= depth) finish_broadcast(c + 1 - depth, h);
  }
  for (Index c = std::max(Index{0}, count + 1 - depth); c < count; ++c) finish_broadcast(c, h);
  if (has_thrown_) comm_.require_all(fault_);
  h.take_statistics();
  return all_finite_ && h.is_finite();
}

template <class T>
void ChunkedH<T>::share(SharedH<T>&, Decision& decision, const HChange&) {
  const PhaseTimer timer(seconds_.broadcast);
  comm_.broadcast_value(decision);
}

template <class T>
void ChunkedH<T>::settle(SharedH<T>& h, const HChange& change) {
  if (!change.is_due) return;
  for (const FeatureRange& chunk : moved_here()) change.make(chunk);
  for (Index c = 0; c < chunks_.count(); ++c) h.start_broadcast(comm_, chunks_.range(c), owner(c)).wait();
  h.refresh();
}

template <class T>
SumFeatures<T> ChunkedH<T>::sums_for_review() {
  return [this](Sums<T>& sums) {
    sums.sum_head_over(comm_);
    const Index count = chunks_.count();
    for (Index c = 0; c < count + depth; ++c) {
      if (c >= depth) flight(c).sum.wait();  // of c - depth
      if (c < count) start_sum(c, sums);
    }
    return moved_here();
  };
}

/// Only the owner reads the sum, so it is reduced to that rank: half of what an Allreduce would move.
template <class T>
void ChunkedH<T>::start_sum(Index c, Sums<T>& sums) {
  sums.start_sum(comm_, chunks_.range(c), owner(c), flight(c).sum);
}

template <class T>
void ChunkedH<T>::finish_sum(Index c) {
  const PhaseTimer timer(seconds_.sum);
  flight(c).sum.wait();
}

/// What goes wrong here must not keep the others waiting: it travels with the chunk.
template <class T>
void ChunkedH<T>::move_own(Index c, const HUpdate& update, const Sums<T>& sums, HMover<T>& mover) {
  const PhaseTimer timer(seconds_.rule);
  const FeatureRange features = chunks_.range(c);
  std::vector<double>& tail = flight(c).tail;
  Fate fate = sums.is_finite(features) ? Fate::moved : Fate::not_finite;
  try {
    mover.move(update, sums, features, {tail, components_});
  } catch (const Error& error) {
    fault_ = error;
    fate = Fate::thrown;
  } catch (const std::exception& error) {
    fault_ = SystemError(error.what());
    fate = Fate::thrown;
  }
  tail.back() = static_cast<double>(static_cast<int>(fate));
}

template <class T>
void ChunkedH<T>::start_broadcast(Index c, SharedH<T>& h) {
  flight(c).rows_under_way = h.start_broadcast(comm_, chunks_.range(c), owner(c));
  flight(c).tail_under_way = comm_.start_broadcast(owner(c), std::span<double>(flight(c).tail));
}

/// Tails are added up in the order of chunks, so that every rank gets the same bits.
template <class T>
void ChunkedH<T>::finish_broadcast(Index c, SharedH<T>& h) {
  const PhaseTimer timer(seconds_.broadcast);
  Flight& arrived = flight(c);
  arrived.rows_under_way.wait();
  arrived.tail_under_way.wait();
  h.total().add({arrived.tail, components_});
  const auto fate = static_cast<Fate>(static_cast<int>(arrived.tail.back()));
  all_finite_ = all_finite_ && fate != Fate::not_finite;
  has_thrown_ = has_thrown_ || fate == Fate::thrown;
}

template class ChunkedH<float>;
template class ChunkedH<double>;

}  // namespace mpinmf
