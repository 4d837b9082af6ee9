// One iteration is one pass over V: sweep, sum, rule, broadcast.
#include "solver.hpp"

#include <utility>

#include "clock.hpp"
#include "settings.hpp"

namespace mpinmf {

/// After iteration i the pair (W_i, H_i) stands, is saved, and is what a stop returns.
template <class T>
RunRecord Solver<T>::run() {
  begin();
  for (Index i = course_.first() + 1; !is_over(i - 1); ++i) {
    revive_if_due();
    const CommCounts::Kind before = comm().counts().total();
    if (problem_.w_first()) move_w(i);  // W_i, S_i
    move_h();                           // H_i = rule(S), once more where the loss rose
    if (problem_.h_first()) move_w(i);  // W_i, S_i
    decide(i);
    counted_ += comm().counts().total() - before;
    note_pair(i);
    settle(i);
    if (decision_.walk != 0) walk_and_decide(i);
    if (decision_.save != 0) save(i);
    course_.report(i, costs_.ledger());
  }
  return close();
}

template <class T>
void Solver<T>::move_w(Index i) {
  w_.move(h_, pair_->w_start(decision_), costs_.wanted_cost(i, referee_.tolerance()), record_.phases);
  if (problem_.h_first()) costs_.ledger().stand(i, course_.seconds(), 0);
  sum();
  if (!problem_.h_first() || !problem_.has_penalties()) return;
  const double of_h = penalty_of<T>(h_mover_.settings(), std::as_const(h_).ht());
  costs_.ledger().note_penalty(costs_.finite_loss(w_.sums().total_cost().penalty + of_h));
}

template <class T>
void Solver<T>::gather(CostOf cost) {
  w_.gather(h_, cost, record_.phases);
  sum();
}

template <class T>
void Solver<T>::sum() {
  w_.sums().request(course_.requests());
  costs_.require_finite(exchange_->sum(w_.sums()));
  referee_.hear(w_.sums().total_requests());
  if (w_.has_cost()) note(w_.sums().total_cost());
}

template <class T>
void Solver<T>::move_h() {
  costs_.require_finite(pair_->move_h(decision_, w_.sums(), *exchange_, h_mover_));
  if (problem_.w_first()) return;
  exchange_->show(h_, decision_);
  costs_.require_finite(decision_.finite != 0);
}

template <class T>
void Solver<T>::revive_if_due() {
  w_.set_opens(decision_.revive != 0);
  h_mover_.set_opens(decision_.revive != 0);
  if (decision_.revive == 0) return;
  const Revival revival{
      comm(),           problem_.options.seed, revivals_.count_one(), problem_.w_first(), problem_.v.first_row(),
      revivals_.fixed()};
  const std::vector<Index> dead = revive<T>(revival, w_.w(), h_.ht());
  w_.begin_anew(dead);
  h_mover_.begin_anew(dead);
  pair_->begin_anew(decision_);
  h_.refresh();
  if (problem_.h_first()) gather(CostOf::pair_before);
}

template <class T>
void Solver<T>::decide(Index i) {
  if (comm().is_root()) decision_ = decision(i);
  problem_.w_first() ? share(i) : tell();
}

template <class T>
Decision Solver<T>::decision(Index i) {
  Decision decision;
  const Standing made = costs_.new_pair(i);
  if (pair_->weighs_loss()) pair_->weigh(made.loss.value() + made.penalty);
  pair_->propose(decision);
  const bool goes_back = decision.go_back != 0;
  const Standing standing = goes_back ? costs_.returned_pair() : made;
  decision.penalty = standing.penalty;
  decision.gain = decision_.gain;
  if (!goes_back && problem_.rule.predicts_gain) decision.gain = made.violation / made.scale;
  if (!goes_back && problem_.has_gram() &&
      revivals_.are_due(w_.sums().of(Statistic::gram), std::as_const(h_).gram())) {
    decision.revive = 1;
  }
  judge(i, standing, decision);
  return decision;
}

template <class T>
void Solver<T>::judge(Index i, const Standing& standing, Decision& decision) {
  referee_.judge(i, standing, course_.seconds_used(), decision);
  const bool is_asked = referee_.is_asked_to_save();
  if (!course_.is_saved()) return;
  const bool ends = decision.stop != 0 || i == problem_.options.max_iterations;
  if (is_asked || ends || course_.is_save_due(i)) decision.save = 1;
}

template <class T>
void Solver<T>::share(Index i) {
  exchange_->share(h_, decision_, pair_->h_change(decision_, pauses(i)));
  costs_.require_finite(decision_.finite != 0);
  note_stop();
}

template <class T>
void Solver<T>::tell() {
  const PhaseTimer timer(record_.phases.broadcast);
  comm().broadcast_value(decision_);
  note_stop();
}

template <class T>
void Solver<T>::settle(Index i) {
  const HChange change = pair_->h_change(decision_, pauses(i));
  if (problem_.h_first() && change.is_due) exchange_->share(h_, decision_, change);
  exchange_->settle(h_, change);
  pair_->settle_w(decision_, pauses(i));
}

template <class T>
void Solver<T>::let_pair_stand(Index i) {
  if (!pair_->h_change(decision_, pauses(i)).is_due) return;
  if (problem_.w_first()) share(i);
  settle(i);
}

template <class T>
void Solver<T>::walk_and_decide(Index i) {
  if (referee_.tolerance().needs_gradient()) {
    referee_.take_gradient(costs_.gradient_norm());
  } else {
    costs_.walk();
  }
  if (comm().is_root()) judge(i, costs_.standing_pair(), decision_);
  tell();
  if (problem_.h_first() && !is_over(i)) gather(CostOf::pair_before);
}

template <class T>
void Solver<T>::note_pair(Index i) {
  if (problem_.w_first()) {
    costs_.ledger().stand(i, course_.seconds(), costs_.finite_loss(decision_.penalty));
  } else if (decision_.go_back != 0) {
    costs_.ledger().return_to_before();
  }
  if (decision_.known != 0) costs_.note_loss(decision_.loss);
}

template <class T>
void Solver<T>::note(const PanelCost& total) {
  costs_.note(total);
  const TraceRow& standing = costs_.ledger().standing();
  if (standing.iteration == 0) referee_.begin(standing.cost);
}

template class Solver<float>;
template class Solver<double>;

}  // namespace mpinmf
