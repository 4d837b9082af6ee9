// One run of a factorization: the loop of solver.cpp and its ends.
#pragma once

#include <memory>

#include "appraisal.hpp"
#include "continuation.hpp"
#include "h_exchange.hpp"
#include "pair.hpp"
#include "referee.hpp"
#include "revival.hpp"
#include "run_record.hpp"
#include "w_mover.hpp"

namespace mpinmf {

/// What moves, and what walks over V.
template <class T>
struct Walked {
  MatrixView<T> w;  ///< rows_local x k, padded
  SharedH<T>& h;
  Sweep<T>& sweep;
};

/// What an iteration is made of, and what is known between iterations.
template <class T>
class Solver {
 public:
  /// All but `walked` itself must outlive this.
  Solver(const Problem<T>& problem, const Walked<T>& walked, const Chunks& chunks, const FitHooks<T>& hooks);

  /// Iterates until options or hooks say stop. Once.
  RunRecord run();

 private:
  // --- The half-steps
  /// One walk over V, one sum.
  void move_w(Index i);
  /// The sums of W as it stands.
  void gather(CostOf cost);
  void sum();
  /// With W first H is shared once it is known which pair stands.
  void move_h();
  void revive_if_due();

  // --- Which pair stands, and whether to go on
  /// The root decides. With W first the decision goes with H, with H first by itself.
  void decide(Index i);
  Decision decision(Index i);
  void judge(Index i, const Standing& standing, Decision& decision);
  void share(Index i);
  void tell();
  /// Makes what is left to be made of the pair that stands.
  void settle(Index i);
  /// After the end, where the state to go on from was saved, or read, first.
  void let_pair_stand(Index i);
  /// For what the tolerance is held against. With H first the sums of W_i are what the next iteration needs.
  void walk_and_decide(Index i);
  void note_pair(Index i);
  void note(const PanelCost& total);

  // --- The ends (solver_ends.cpp)
  void begin();
  RunRecord close();
  void note_stationarity();
  /// W for the last H, exactly, with what there is to know of that pair.
  PairStationarity solve_final_w(const std::function<bool()>& gives_up);
  /// Collective. All ranks know of it. What is saved at the end is the state to go on from.
  void save(Index i);
  void load();
  /// Whatever an iteration needs of those before, beside the factors and the like.
  void pass(StateTape& tape);
  FitState<T> views();

  const Comm& comm() const { return problem_.v.comm(); }
  bool is_over(Index i) const { return decision_.stop != 0 || i >= problem_.options.max_iterations; }
  /// The end, a walk for the cost of the pair, or a revival.
  bool pauses(Index i) const {
    return (is_over(i) && decision_.save == 0) || decision_.walk != 0 || decision_.revive != 0;
  }
  void note_stop() {
    if (decision_.stop != 0) record_.stop_reason = Referee::reason(decision_);
  }

  const Problem<T>& problem_;
  Continuation<T> course_;
  RunRecord record_;
  WMover<T> w_;
  SharedH<T>& h_;
  std::unique_ptr<HExchange<T>> exchange_;
  std::unique_ptr<Pair<T>> pair_;
  HMover<T> h_mover_;
  Appraisal<T> costs_;
  Referee referee_;
  Revivals revivals_;
  Decision decision_;
  CommCounts::Kind counted_;
};

}  // namespace mpinmf
