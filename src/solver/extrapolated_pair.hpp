// The pair of an extrapolated run (extrapolation.hpp).
#pragma once

#include "extrapolation.hpp"
#include "pair.hpp"

namespace mpinmf {

/// W_{i-1} stands beside W_i. The shared H is Hy, which sweeps see, and on ranks that move H the pair's H_i and
/// H_{i-1} stand beside it.
template <class T>
class ExtrapolatedPair final : public Pair<T>, private HStart<T> {
 public:
  ExtrapolatedPair(const PairParts<T>& parts, bool is_exact, bool moves_h);
  /// Bytes that this allocates beside W, and beside H where so many threads move it.
  static double w_bytes(Index rows, Index components) { return padded_bytes<T>(rows, components); }
  static double h_bytes(Index features, Index components, int threads);

  HStart<T>& h_start() override { return *this; }
  WStart<T> w_start(const Decision& decision) override;
  /// H is moved once more where what is minimised has risen.
  bool move_h(const Decision& decision, Sums<T>& sums, HExchange<T>& exchange, HMover<T>& mover) override;
  double identity_square(const Sums<T>& sums, const SharedH<T>& h) const override;
  void propose(Decision& decision) const override;
  HChange h_change(const Decision& decision, bool pauses) override;
  void settle_w(Decision& decision, bool pauses) override;
  void begin_anew(Decision& decision) override;
  /// But the first one: the next walk sees Hy.
  bool is_seen_by_next_walk(Index iteration) const override { return iteration == 0; }
  void pass(StateTape& tape) override;
  void add_views(FitState<T>& state, std::span<const FeatureRange> moved_here) override;

 private:
  MatrixView<T> begin_rows(const HUpdate& update, const HRows<T>& rows, MatrixView<T> numerator) override;
  void end_rows(const HUpdate& update, const HRows<T>& rows, const FactorSums& total) override;
  Verdict judge(const Sums<T>& sums, const SharedH<T>& h);
  double objective(const Sums<T>& sums, const SharedH<T>& h) const;
  double noise() const;
  ConstMatrixView<double> extrapolated_gram(const Decision& decision, const Sums<T>& sums);

  PairParts<T> parts_;
  bool is_exact_;
  Momentum momentum_;
  bool accepted_ = true;                 // the pair that has been made; on the root
  Matrix<T> previous_w_;                 // W_{i-1}
  Matrix<double> previous_gram_, gram_;  // W_{i-1}'W_{i-1} and Wy'Wy
  Matrix<T> pair_, previous_;            // H_i and H_{i-1}, n x k and padded
  Matrix<double> previous_sums_;         // S_{i-1}, n x k
  struct Scratch {                       // one a thread
    std::vector<double> gram, products;
  };
  std::vector<Scratch> scratch_;
};

}  // namespace mpinmf
