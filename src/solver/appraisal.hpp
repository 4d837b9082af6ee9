// What is known of the pair that stands: its cost, and how far it is from a stationary point.
#pragma once

#include <functional>
#include <optional>

#include "continuation.hpp"
#include "h_mover.hpp"
#include "ledger.hpp"
#include "pair.hpp"
#include "referee.hpp"
#include "stationarity.hpp"
#include "w_mover.hpp"

namespace mpinmf {

/// What it looks at.
template <class T>
struct AppraisedParts {
  WMover<T>& w;
  HMover<T>& h_mover;
  const Pair<T>& pair;
  HExchange<T>& exchange;
};

/// Keeps the ledger, and walks over V for what no sweep has told. All but new_pair is the same on every rank.
template <class T>
class Appraisal {
 public:
  /// All but `parts` itself must outlive this.
  Appraisal(const Problem<T>& problem, const AppraisedParts<T>& parts, PhaseSeconds& seconds);

  Ledger& ledger() { return ledger_; }
  const Ledger& ledger() const { return ledger_; }
  /// Takes costs of the pair that stands. Throw BadData, on every rank, where one is not finite.
  void note(const PanelCost& total);
  void note_loss(double loss) { ledger_.note_loss(finite_loss(loss)); }
  double finite_loss(double loss) const;
  /// Throws BadData, likewise.
  void require_finite(bool finite) const;

  /// Which cost the sweep of iteration i is to compute on its way. W first: what the row of the pair before still
  /// lacks, unless the sweep sees another H. H first: what is known at once.
  CostOf wanted_cost(Index i, const ToleranceRule& tolerance) const;
  /// Of the pair that iteration i has made, on the root: its loss comes from the sweep (H first) or from an
  /// identity, unless too much of that cancels.
  Standing new_pair(Index i) const;
  /// Of the pair that stands, and of the one before it where the one that iteration has made does not.
  Standing standing_pair() const;
  Standing returned_pair() const;

  /// One walk for the cost of the pair. Collective.
  void walk();
  /// The norm of the projected gradient. Likewise. The sums are others afterwards.
  double gradient_norm();
  /// One walk for what is late of the cost and for how far the pair is from a stationary point, which is unknown
  /// where `gives_up` (stationarity.hpp) says so on a rank. Likewise.
  PairStationarity complete(const std::function<bool()>& gives_up);
  /// W is solved for exactly, and one walk tells all of the new pair, what the penalties cost it included.
  /// Likewise.
  PairReview solve_w(const std::function<bool()>& gives_up);

 private:
  std::optional<double> known_loss(Index i) const;
  StationarityWalk<T> walk_for(const std::function<bool()>& gives_up);
  PairReview review_pair(bool asks_cost, const std::function<bool()>& gives_up);
  const SharedH<T>& h() const { return h_mover_.h(); }

  const Problem<T>& problem_;
  WMover<T>& w_;
  HMover<T>& h_mover_;
  const Pair<T>& pair_;
  HExchange<T>& exchange_;
  PhaseSeconds& seconds_;
  Ledger ledger_;
};

}  // namespace mpinmf
