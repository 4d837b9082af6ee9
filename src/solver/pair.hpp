// Which pair (W, H) stands after an iteration: the one that has been made, or, extrapolated, the better of that
// and the one before.
#pragma once

#include <memory>

#include "h_exchange.hpp"
#include "h_mover.hpp"
#include "mpinmf/data_matrix.hpp"

namespace mpinmf {

/// What the rows of W start from in a sweep.
template <class T>
struct WStart {
  MatrixView<T> previous;  ///< the W before, rows_local x k, padded; extrapolated runs only
  double momentum = 0;     ///< W starts from W + momentum (W - previous)
  bool go_back = false;    ///< W is the previous one again
};

template <class T>
class Pair {
 public:
  virtual ~Pair() = default;

  virtual WStart<T> w_start(const Decision& decision) = 0;
  virtual HStart<T>& h_start() = 0;
  /// H_i = rule(S), where the exchange moves it. False, on every rank, where that is not finite. Collective.
  virtual bool move_h(const Decision& decision, Sums<T>& sums, HExchange<T>& exchange, HMover<T>& mover) = 0;
  /// ||V||^2 - 2 <S_i, H_i> + <W_i'W_i, H_i H_i'> = ||V - W_i H_i||^2 of the pair that has been made, as far as it
  /// does not cancel. Gram statistics; on the ranks that know of H's move.
  virtual double identity_square(const Sums<T>&, const SharedH<T>&) const { return Cost::unknown; }

  /// Whether the loss of each pair that has been made must be known to tell whether it stands; H first only.
  /// `weigh` then takes what the pair minimises, on the root.
  virtual bool weighs_loss() const { return false; }
  virtual void weigh(double) {}
  /// On the root: which pair stands, and how the next iteration starts, where that is not plain.
  virtual void propose(Decision& decision) const = 0;
  /// How H becomes that of the pair that stands. `pauses`: something other than the next iteration
  /// will see it.
  virtual HChange h_change(const Decision& decision, bool pauses) = 0;
  /// W likewise, once the decision is known everywhere; what has been done is taken out of the decision.
  virtual void settle_w(Decision& decision, bool pauses) = 0;
  /// Components of both factors have begun anew (revival.hpp).
  virtual void begin_anew(Decision& decision) = 0;
  /// Whether the walk of an iteration sees the pair before it.
  virtual bool is_seen_by_next_walk(Index) const { return true; }

  virtual void pass(StateTape& tape) = 0;
  virtual void add_views(FitState<T>& state, std::span<const FeatureRange> moved_here) = 0;
};

/// Where the decision is to go back, W is the previous one at once.
template <class T>
void settle_on_previous(ConstMatrixView<T> previous_w, MatrixView<T> w, Decision& decision);

/// What a pair is made of; all of it must outlive the pair.
template <class T>
struct PairParts {
  MatrixView<T> w;  ///< rows_local x k, padded
  SharedH<T>& h;
  const DataMatrix<T>& v;
};

/// The pair that has been made stands.
template <class T>
class PlainPair final : public Pair<T> {
 public:
  explicit PlainPair(const PairParts<T>& parts) : v_(parts.v), h_start_(parts.h) {}

  HStart<T>& h_start() override { return h_start_; }
  WStart<T> w_start(const Decision&) override { return {}; }
  bool move_h(const Decision&, Sums<T>& sums, HExchange<T>& exchange, HMover<T>& mover) override {
    return exchange.move({}, sums, mover);
  }
  double identity_square(const Sums<T>& sums, const SharedH<T>& h) const override;
  void propose(Decision&) const override {}
  HChange h_change(const Decision&, bool) override { return {}; }
  void settle_w(Decision&, bool) override {}
  void begin_anew(Decision&) override {}
  void pass(StateTape&) override {}
  void add_views(FitState<T>&, std::span<const FeatureRange>) override {}

 private:
  const DataMatrix<T>& v_;
  PlainHStart<T> h_start_;
};

/// `extrapolated`: as the rule may be; `moves_h`: on this rank.
template <class T>
std::unique_ptr<Pair<T>> make_pair_of(const PairParts<T>& parts, const Rule<T>& rule, bool extrapolated,
                                      bool moves_h);

}  // namespace mpinmf
