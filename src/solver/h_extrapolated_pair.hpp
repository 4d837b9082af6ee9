// The pair of a run in which H alone is extrapolated, H first (Ang and Gillis 2019, for one factor; for losses
// whose half-step of H has no Gram matrix, so that W cannot be carried on without another walk over V):
//
//   T_i  = rule(S_{i-1}, start Hy_{i-1})                    the plain step
//   Hy_i = max(floor, T_i + b (T_i - T_{i-1}))              what the sweep sees; the pair is (W_i, Hy_i)
//   W_i  = rule(V, Hy_i, start W_{i-1}), and the loss of the pair with it
//
// Where what is minimised has risen, (W_{i-1}, Hy_{i-1}) stands, and the next H is T_i, which no sum is needed for
// and which cannot raise it.
#pragma once

#include <limits>

#include "pair.hpp"

namespace mpinmf {

/// b, from iteration to iteration; a function of what is minimised alone.
class HMomentum {
 public:
  /// b of the next Hy: 0 in the first iteration, after each step back, and in every 20th.
  double value() const { return is_plain_ ? 0 : value_; }
  /// Takes what the new pair minimises. False: the pair before stands. A plain step that rises has met rounding,
  /// and is taken.
  bool accepts(double objective);
  void pass(StateTape& tape) {
    for (double* number : {&value_, &most_, &stands_}) tape.pass(*number);
    tape.pass(since_);
    tape.pass(is_plain_);
  }

 private:
  double value_ = 0.5, most_ = 1, stands_ = std::numeric_limits<double>::infinity();
  Index since_ = 0;  // the last step back, in iterations
  bool is_plain_ = true;
};

/// W_{i-1} stands beside W_i. The shared H is Hy_i, and on ranks that move H T_i and Hy_{i-1} stand beside it.
template <class T>
class HExtrapolatedPair final : public Pair<T>, private HStart<T> {
 public:
  HExtrapolatedPair(const PairParts<T>& parts, bool moves_h);
  /// Bytes that this allocates beside W, and beside H.
  static double w_bytes(Index rows, Index components) { return padded_bytes<T>(rows, components); }
  static double h_bytes(Index features, Index components) { return padded_bytes<T>(2 * features, components); }

  HStart<T>& h_start() override { return *this; }
  WStart<T> w_start(const Decision& decision) override { return {previous_w_.view(), 0, decision.go_back != 0}; }
  bool move_h(const Decision& decision, Sums<T>& sums, HExchange<T>& exchange, HMover<T>& mover) override;
  bool weighs_loss() const override { return true; }
  void weigh(double objective) override { accepted_ = momentum_.accepts(objective); }
  void propose(Decision& decision) const override;
  HChange h_change(const Decision& decision, bool pauses) override;
  void settle_w(Decision& decision, bool pauses) override;
  void begin_anew(Decision& decision) override;
  void pass(StateTape& tape) override { momentum_.pass(tape); }
  void add_views(FitState<T>& state, std::span<const FeatureRange> moved_here) override;

 private:
  MatrixView<T> begin_rows(const HUpdate& update, const HRows<T>& rows, MatrixView<T> numerator) override;
  void end_rows(const HUpdate& update, const HRows<T>& rows, const FactorSums& total) override;
  HChange put(Matrix<T>& rows, bool is_due);

  PairParts<T> parts_;
  HMomentum momentum_;
  bool accepted_ = true;    // the pair that has been made; on the root
  Matrix<T> previous_w_;    // W_{i-1}
  Matrix<T> plain_, seen_;  // T_i and Hy_{i-1}, n x k and padded
};

}  // namespace mpinmf
