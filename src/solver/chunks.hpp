// The update of H in chunks of features, for large n x k: while some chunks are summed, one is moved by the rank
// whose turn it is, and others are broadcast from the ranks that moved them.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "mpinmf/comm.hpp"
#include "mpinmf/trace.hpp"
#include "shared_h.hpp"

namespace mpinmf {

/// How n features are cut. Never depends on timing: chunks change the order of sums.
struct Chunks {
  Index features = 0;  ///< n
  Index height = 0;    ///< features in a chunk, the last one may have fewer; 0: not cut, one message carries all

  bool pipelined() const { return height > 0; }
  Index count() const { return pipelined() ? (features + height - 1) / height : 1; }
  FeatureRange range(Index c) const;
  /// Ranks take turns.
  int owner(Index c, int ranks) const { return static_cast<int>(c % ranks); }
};

/// How H (k x n, elements of so many bytes) is cut among so many ranks: a pure function. Where the rule's
/// work outweighs the messages, each rank takes its share.
Chunks chunks_for(Index features, Index components, Index element_bytes, int ranks,
                  bool outweighs_messages = false);

/// What an iteration hands to MPI as the formulas say; the counted numbers and seconds are left at 0.
struct CommunicationSizes {
  Index components = 1;
  bool has_cross_gram = false;  ///< of an extrapolated run
  bool decides_first = false;   ///< H first: the decision is told before H moves
};
Communication communication_of(StatisticsSet statistics, const CommunicationSizes& sizes, Index element_bytes,
                               int ranks, const Chunks& chunks);

/// One update of H after another, chunk by chunk. Every rank makes the same calls of MPI in the same order.
template <class T>
class Pipeline {
 public:
  /// `comm` must outlive this.
  Pipeline(const Comm& comm, const Chunks& chunks, Index components);

  /// @pre sums.sum_head_over was called. Sums the chunks, moves H by the rule, and leaves the same H with its
  /// statistics and <S, H> on every rank. False, on every rank, when a sum was not finite. Seconds are added to
  /// sum, rule and broadcast. Throws, on every rank, the error of a rule that threw on one.
  /// With update.redo the chunks have been summed before.
  bool move(const HUpdate<T>& update, Sums<T>& sums, SharedH<T>& h, PhaseSeconds& seconds);
  /// The chunks of H that each rank moves replace those of all ranks, where these hold something else.
  void share(SharedH<T>& h);
  /// f(features) for the chunks that this rank moves.
  template <class F>
  void for_own_chunks(F&& f) const {
    for (Index c = comm_.rank(); c < chunks_.count(); c += comm_.size()) f(chunks_.range(c));
  }

 private:
  /// Chunks whose sum, or whose broadcast, is under way at a time. Enough for several ranks to apply the rule at
  /// the same time; few, because MPI keeps a copy of the sums under way.
  static constexpr Index depth = 4;
  /// What became of a chunk; the last number of its tail.
  enum class Fate { moved, not_finite, thrown };
  struct Flight {
    PendingSum sum;
    Pending rows_under_way, tail_under_way;
    std::vector<double> tail;  // FactorSums, then Fate
  };

  Flight& flight(Index c) { return flights_[static_cast<std::size_t>(c % depth)]; }
  void start_sum(Index c, Sums<T>& sums);
  void finish_sum(Index c, PhaseSeconds& seconds);
  void move_own(Index c, const HUpdate<T>& update, const Sums<T>& sums, SharedH<T>& h, PhaseSeconds& seconds);
  void start_broadcast(Index c, SharedH<T>& h);
  void finish_broadcast(Index c, SharedH<T>& h, PhaseSeconds& seconds);

  const Comm& comm_;
  Chunks chunks_;
  Index components_;
  std::array<Flight, depth> flights_;
  std::optional<Error> fault_;  // of this rank's rule
  bool all_finite_ = true, has_thrown_ = false;
};

}  // namespace mpinmf
