// What a sweep adds up for the H update, and the one packed message that carries it.
#pragma once

#include <span>
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

/// The sum of some features under way: their numerators, and their denominators where these are n x k.
struct PendingSum {
  Pending numerator, denominator;
  void wait() {
    numerator.wait();
    denominator.wait();
  }
};

/// How the sums of a sweep are held.
struct SumsOptions {
  int threads = 1;              ///< of the sweep
  bool is_shared = false;       ///< threads take features in turn instead of n x k partial sums of their own
  bool has_cross_gram = false;  ///< W' times the W before is summed, too
};

/// Numerator (n x k), denominator (k x k, k or n x k) and costs, summed over panels and then over ranks.
/// A sweep adds into partial sums in working precision; they are flushed into the packed buffer, which is double,
/// so that single precision does not drown small terms in large sums and one message carries everything. For large
/// n x k the numerators (and n x k denominators) travel in chunks of features instead, after a message with the
/// rest, the head.
///
///     packed:  | numerator n k | denominator | cross gram | loss, row norms, zero models, violation, penalty |
///              | requests: how many ranks were asked to stop, and to save |
template <class T>
class Sums {
 public:
  Sums(StatisticsShape shape, Index features, Index components, const SumsOptions& options = {});

  void clear();
  int threads() const { return static_cast<int>(threads_.size()); }
  bool is_shared() const { return numerators_.size() < threads_.size(); }
  /// Where a thread of a sweep adds to.
  GatheredSums<T> partial(int thread = 0);
  /// What this rank was asked from outside; cleared by clear().
  void request(const Requests& requests) { requests_ = requests; }
  PanelCost& cost(int thread = 0) { return threads_[static_cast<std::size_t>(thread)].cost; }
  /// Adds the n x k partial sums of all threads, in their order, to the packed buffer and clears them: for the
  /// features that fall to one of so many parts. Parts may be flushed at the same time.
  void flush(int part = 0, int parts = 1);
  /// One Allreduce. @pre all parts have been flushed
  void sum_over(const Comm& comm);

  /// One Allreduce of the head: what follows the n x k numbers. These remain this rank's own.
  void sum_head_over(const Comm& comm);
  /// After sum_head_over: starts the sum of the n x k numbers of these features, which ends on `owner`. Elsewhere
  /// they are of no use any more.
  void start_sum(const Comm& comm, FeatureRange features, int owner, PendingSum& pending);

  /// After sum_over: of all of V. numerator is n x k, without padding.
  ConstMatrixView<double> numerator() const;
  /// k x k (gram), 1 x k (vector) or n x k (matrix).
  ConstMatrixView<double> denominator() const;
  /// W' times the W before, k x k. @pre SumsOptions::has_cross_gram
  ConstMatrixView<double> cross_gram() const;
  PanelCost total_cost() const;
  /// What any rank was asked from outside.
  Requests total_requests() const;
  /// False when W (or, for matrix statistics, a sum) holds an infinity or NaN.
  bool is_finite() const;
  /// The same, after sum_head_over: as far as the head tells, which is the same on every rank.
  bool is_head_finite() const;
  /// The same for the chunk of features that this rank owns.
  bool is_finite(FeatureRange features) const;

 private:
  std::span<double> packed_denominator();
  std::span<double> head();
  void pack_threads();

  StatisticsShape shape_;
  Index features_, components_;
  struct alignas(vector_bytes) Thread {  // no two on a line of memory
    std::vector<double> denominator;     // k x k or k
    std::vector<double> cross_gram;      // k x k or nothing
    PanelCost cost;
  };
  std::vector<Thread> threads_;
  std::vector<Matrix<T>> numerators_, matrix_denominators_;  // one a thread, or one that is shared
  std::size_t cross_numbers_;
  Requests requests_;
  std::vector<double> packed_;
};

}  // namespace mpinmf
