// H, the same bits on every rank, with what travels beside it.
#pragma once

#include <vector>

#include "losses/panel_loss.hpp"
#include "mpinmf/comm.hpp"
#include "rules/rule.hpp"
#include "sums.hpp"

namespace mpinmf {

/// What the root has decided about the iteration; rides in H's broadcast.
struct Decision {
  double stop = 0;    ///< 0: go on; else 1 + StopReason
  double walk = 0;    ///< 1: the loss of the standing pair must be computed before deciding
  double loss = 0;    ///< D of the standing pair, if known
  double known = 0;   ///< 1: it is
  double finite = 1;  ///< 0: H holds an infinity or NaN
};

/// H transposed (n x k, padded), its Gram matrix and sums. One message carries all of it from the root.
template <class T>
class SharedH {
 public:
  SharedH(Index features, Index components);

  MatrixView<T> ht();
  ConstMatrixView<T> ht() const;
  /// H as sweeps see it. Valid after publish or refresh.
  FixedH<T> fixed() const;
  /// H H', k x k, in double. Valid like fixed().
  ConstMatrixView<double> gram() const { return gram_.view(); }

  /// On the root: moves H by the rule with the sums of a sweep, and refreshes.
  void move(Rule<T> rule, const RuleSettings& settings, StatisticsShape shape, const Sums<T>& sums);
  /// Recomputes Gram matrix and sums from H.
  void refresh();
  bool is_finite() const;
  /// H, Gram matrix, sums and decision of the root replace those of all ranks.
  void publish(const Comm& comm, Decision& decision);

 private:
  void pack(const Decision& decision);
  void unpack(Decision& decision);
  void round_statistics();

  Index features_;
  Matrix<T> storage_;  // ht, then rows that hold the tail of the message
  Matrix<double> gram_;
  std::vector<double> column_sums_;
  Matrix<T> working_gram_, working_sums_;  // the same in working precision, padded
  Matrix<T> numerator_, denominator_, product_;
  std::vector<double> gram_scratch_;
};

}  // namespace mpinmf
