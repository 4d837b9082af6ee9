// What a sweep adds up for the H update, and the one packed message that carries it.
#pragma once

#include <exception>
#include <span>
#include <string>
#include <vector>

#include "losses/panel_loss.hpp"
#include "mpinmf/comm.hpp"
#include "mpinmf/fit_state.hpp"

namespace mpinmf {

/// The cost of all rows, from that of each rank's. Collective.
PanelCost sum_over(const Comm& comm, const PanelCost& own);

/// Consecutive features: rows of H transposed.
struct FeatureRange {
  Index first = 0, count = 0;
};

/// Numbers of the packed sum of so many features, costs and requests included.
Index packed_numbers(StatisticsSet statistics, Index features, Index components);
/// The same as a formula: 2*16*16 + 7.
std::string packed_numbers_text(StatisticsSet statistics, Index features, Index components);

/// The sum of some features under way: their large statistics.
struct PendingSum {
  ByStatistic<Pending> large;
  void wait() {
    large_statistics.for_each([&](Statistic s) { large[s].wait(); });
  }
};

/// How the sums of a sweep are held.
struct SumsOptions {
  int threads = 1;         ///< of the sweep
  bool is_shared = false;  ///< threads take features in turn instead of n x k partial sums of their own
};

/// The statistics that were asked for (losses/statistics.hpp) and costs, summed over panels and then over ranks.
/// A sweep adds large statistics into partial sums in working precision; they are flushed into the packed buffer,
/// which is double, so that single precision does not drown small terms in large sums and one message carries
/// everything. For large n x k the large ones travel in chunks of features instead, after a message with the rest,
/// the head.
///
///     packed:  | large ones, n k each | small ones | loss, row norms, zero models, violation, penalty |
///              | requests: how many ranks were asked to stop, and to save |
///
/// A rank whose walk has failed puts minus infinity in place of its request to stop, which no sum takes back.
template <class T>
class Sums {
 public:
  Sums(StatisticsSet statistics, Index features, Index components, const SumsOptions& options = {});
  /// Bytes that this allocates.
  static double bytes(StatisticsSet statistics, Index features, Index components, const SumsOptions& options);

  StatisticsSet statistics() const { return statistics_; }
  void clear();
  int threads() const { return static_cast<int>(threads_.size()); }
  bool is_shared() const { return partial_.size() < threads_.size(); }
  /// Where a thread of a sweep adds to.
  GatheredSums<T> partial(int thread = 0);
  /// What this rank was asked from outside; cleared by clear().
  void request(const Requests& requests) { requests_ = requests; }
  /// What stopped the walk of this rank; cleared by clear(). The sum over the ranks then throws, on every rank.
  void fail(std::exception_ptr fault) { fault_ = std::move(fault); }
  bool has_failed() const { return fault_ != nullptr; }
  PanelCost& cost(int thread = 0) { return threads_[static_cast<std::size_t>(thread)].cost; }
  /// Of all threads.
  PanelCost own_cost() const;
  /// Adds the large partial sums of all threads, in their order, to the packed buffer and clears them: for the
  /// features that fall to one of so many parts. Parts may be flushed at the same time.
  void flush(int part = 0, int parts = 1);
  /// One Allreduce. Throws, on every rank, what stopped a walk on one. @pre all parts have been flushed
  void sum_over(const Comm& comm);

  /// One Allreduce of the head: what follows the large statistics. These remain this rank's own. Throws likewise.
  void sum_head_over(const Comm& comm);
  /// After sum_head_over: starts the sum of the large statistics of these features, which ends on `owner`.
  /// Elsewhere they are of no use any more.
  void start_sum(const Comm& comm, FeatureRange features, int owner, PendingSum& pending);

  /// After sum_over: of all of V, without padding. @pre it was asked for
  ConstMatrixView<double> of(Statistic statistic) const;
  PanelCost total_cost() const;
  /// What any rank was asked from outside.
  Requests total_requests() const;
  /// False when W (or a large sum) holds an infinity or NaN.
  bool is_finite() const;
  /// The same, after sum_head_over: as far as the head tells, which is the same on every rank.
  bool is_head_finite() const;
  /// The same for the chunk of features that this rank owns.
  bool is_finite(FeatureRange features) const;

 private:
  std::span<double> head();
  void pack_threads();
  void require_walked(const Comm& comm) const;

  StatisticsSet statistics_;
  Index features_, components_;
  ByStatistic<std::size_t> place_;       // in the packed buffer
  std::size_t head_ = 0;                 // where the small ones begin there
  struct alignas(vector_bytes) Thread {  // no two on a line of memory
    std::vector<double> small;           // in the order of the head
    PanelCost cost;
  };
  std::vector<Thread> threads_;
  std::vector<ByStatistic<Matrix<T>>> partial_;  // large ones; for each thread, or for all together
  Requests requests_;
  std::exception_ptr fault_;
  std::vector<double> packed_;
};

}  // namespace mpinmf
