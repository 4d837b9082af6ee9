// One walk over the row panels that a rank owns. No communication.
#pragma once

#include "losses/panel_loss.hpp"
#include "mpinmf/data_matrix.hpp"
#include "rules/rule.hpp"
#include "sums.hpp"

namespace mpinmf {

/// The pair whose cost a walk computes on the way.
enum class CostOf { nothing, pair_before, pair_after };

template <class T>
class Sweep {
 public:
  Sweep(const DataMatrix<T>& v, const PanelLoss<T>& loss, Index components);

  /// W = rule(...) and the sums of the new W, panel by panel while it is in cache.
  void move_and_gather(Rule<T> rule, const RuleSettings& settings, const FixedH<T>& h, MatrixView<T> w,
                       Sums<T>& sums, CostOf cost);
  /// The sums of W as it stands. Cost of the pair (w, h) if asked for.
  void gather(const FixedH<T>& h, MatrixView<T> w, Sums<T>& sums, CostOf cost);
  /// Only the cost of the pair (w, h).
  PanelCost cost(const FixedH<T>& h, MatrixView<T> w);

 private:
  const DataMatrix<T>& v_;
  const PanelLoss<T>& loss_;
  PanelScratch<T> scratch_;
};

/// Panel p of v with its rows of w (rows_local x k).
template <class T>
PanelRows<T> panel_with_rows(const DataMatrix<T>& v, Index p, MatrixView<T> w);

/// Work space for the panels of v.
template <class T>
PanelScratch<T> make_scratch(const DataMatrix<T>& v, const PanelLoss<T>& loss, Index components);

}  // namespace mpinmf
