// H in chunks of features, for large n x k: while some chunks are summed, one is moved by the rank whose turn it
// is, and others are broadcast from the ranks that moved them.
#pragma once

#include <array>
#include <optional>

#include "communication.hpp"
#include "h_exchange.hpp"

namespace mpinmf {

/// The head of the sum, then for each chunk its large statistics, its rows and its tail; and the decision,
/// extrapolated after the verdict.
Communication communication_in_chunks(StatisticsSet statistics, const CommunicationSizes& sizes,
                                      Index element_bytes, const Chunks& chunks);
double chunk_bytes_in_mpi(double packed_bytes, const Chunks& chunks);

/// Chunks whose sum, or whose broadcast, is under way at a time. Enough for several ranks to apply the rule at the
/// same time; few, because MPI keeps a copy of the sums under way.
inline constexpr Index chunks_under_way = 4;

template <class T>
class ChunkedH final : public HExchange<T> {
 public:
  /// `comm` and `seconds` must outlive this.
  ChunkedH(const Comm& comm, const Chunks& chunks, Index components, PhaseSeconds& seconds);

  bool moves_here() const override { return true; }
  std::vector<FeatureRange> moved_here() const override;
  /// Only the head of the sums; the rest follows chunk by chunk.
  bool sum(Sums<T>& sums) override;
  /// Sums the chunks, moves H by the rule, and leaves the same H with its statistics and <S, H> on every rank.
  /// With update.redo the chunks have been summed before.
  bool move(const HUpdate& update, Sums<T>& sums, HMover<T>& mover) override;
  void replace(SharedH<T>& h, const HChange& change) override { settle(h, change); }
  void agree(Verdict& verdict) override { comm_.broadcast_value(verdict); }
  void show(SharedH<T>&, Decision&) override {}  // everyone has it
  void share(SharedH<T>& h, Decision& decision, const HChange& change) override;
  /// Chunk by chunk to their owners: no rank holds the sums of all features.
  SumFeatures<T> sums_for_review() override;
  void settle(SharedH<T>& h, const HChange& change) override;

 private:
  static constexpr Index depth = chunks_under_way;
  /// What became of a chunk; the last number of its tail.
  enum class Fate { moved, not_finite, thrown };
  struct Flight {
    PendingSum sum;
    Pending rows_under_way, tail_under_way;
    std::vector<double> tail;  // FactorSums, then Fate
  };

  Flight& flight(Index c) { return flights_[static_cast<std::size_t>(c % depth)]; }
  int owner(Index c) const { return chunks_.owner(c, comm_.size()); }
  void start_sum(Index c, Sums<T>& sums);
  void finish_sum(Index c);
  void move_own(Index c, const HUpdate& update, const Sums<T>& sums, HMover<T>& mover);
  void start_broadcast(Index c, SharedH<T>& h);
  void finish_broadcast(Index c, SharedH<T>& h);

  const Comm& comm_;
  Chunks chunks_;
  Index components_;
  PhaseSeconds& seconds_;
  std::array<Flight, depth> flights_;
  std::optional<Error> fault_;  // of this rank's rule
  bool all_finite_ = true, has_thrown_ = false;
};

}  // namespace mpinmf
