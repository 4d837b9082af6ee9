// The half-step of W on every rank, with the sums for that of H.
#pragma once

#include "pair.hpp"
#include "problem.hpp"
#include "sweep.hpp"

namespace mpinmf {

/// This rank's rows of W (rows_local x k, padded), and what walks over V make of them.
template <class T>
class WMover {
 public:
  /// `problem`, `w` and `sweep` must outlive this.
  WMover(const Problem<T>& problem, MatrixView<T> w, Sweep<T>& sweep);
  /// Bytes that this allocates beside its sums, once W has moved by such statistics.
  static double bytes(const Rule<T>& rule, StatisticsSet statistics, Index rows, Index components);

  MatrixView<T> w() const { return w_; }
  Sums<T>& sums() { return sums_; }
  const Sums<T>& sums() const { return sums_; }
  Sweep<T>& sweep() { return sweep_; }
  const RuleSettings& settings() const { return settings_; }
  /// Whether the next half-step follows a revival (RuleSettings::opens).
  void set_opens(bool opens) { settings_.opens = opens; }
  /// Whether the last walk computed the cost of a pair.
  bool has_cost() const { return has_cost_; }

  /// W_i = rule(...) and its sums, in one walk.
  void move(const SharedH<T>& h, const WStart<T>& start, CostOf cost, PhaseSeconds& seconds);
  /// The sums of W as it stands.
  void gather(const SharedH<T>& h, CostOf cost, PhaseSeconds& seconds);

  /// These components of W have begun anew: forgets the rule's state for them.
  void begin_anew(const std::vector<Index>& components);
  void add_views(FitState<T>& state);

 private:
  void begin_walk(CostOf cost);

  const Problem<T>& problem_;
  MatrixView<T> w_;
  Sweep<T>& sweep_;
  Sums<T> sums_;
  RuleSettings settings_;
  HalfStep<T> half_step_;
  Matrix<T> state_;  // of the rule, one row a row of W
  bool has_cost_ = false;
};

}  // namespace mpinmf
