// How a run begins, ends, is saved and goes on.
#include <algorithm>
#include <type_traits>
#include <utility>

#include "clock.hpp"
#include "communication.hpp"
#include "dead_components.hpp"
#include "settings.hpp"
#include "solver.hpp"

namespace mpinmf {

template <class T>
Solver<T>::Solver(const Problem<T>& problem, const Walked<T>& walked, const Chunks& chunks,
                  const FitHooks<T>& hooks)
    : problem_(problem),
      course_(hooks, problem.options.max_iterations),
      w_(problem, walked.w, walked.sweep),
      h_(walked.h),
      exchange_(make_h_exchange<T>(comm(), chunks, problem.options.components, record_.phases)),
      pair_(make_pair_of<T>({walked.w, h_, problem.v}, problem.rule, problem.options.extrapolate,
                            exchange_->moves_here())),
      h_mover_(h_, problem.rule, settings_for_h(problem.v, problem.options), pair_->h_start(),
               problem.loss.statistics()),
      costs_(problem, {w_, h_mover_, *pair_, *exchange_}, record_.phases),
      referee_(problem.options),
      revivals_(problem.may_revive(), problem.fixed_in_a_factor()) {
  const CommunicationSizes sizes{problem.options.components, problem.has_cross_gram(), problem.h_first()};
  record_.communication = communication_of(problem.loss.statistics(), sizes, sizeof(T), comm().size(), chunks);
}

template <class T>
void Solver<T>::begin() {
  if (course_.has_state()) {
    load();
  } else {
    costs_.ledger().stand(0, course_.seconds_before(), problem_.has_penalties() ? Cost::unknown : 0);
    if (referee_.tolerance().needs_gradient()) referee_.begin_gradient(costs_.gradient_norm());
  }
  const Index first = course_.first();
  if (is_over(first)) {
    let_pair_stand(first);
  } else if (problem_.h_first()) {
    gather(first == 0 ? CostOf::pair_before : CostOf::nothing);  // S_0
  }
}

template <class T>
RunRecord Solver<T>::close() {
  const bool is_stopped = record_.stop_reason == StopReason::request;
  const Ledger& ledger = costs_.ledger();
  if (!is_stopped) {
    note_stationarity();
  } else if (!ledger.is_complete()) {
    costs_.walk();  // the results are what counts, not how good they are
  }
  record_.trace = ledger.rows();
  record_.iterations = ledger.standing().iteration;
  record_.zero_models = ledger.zero_models();
  record_.predicted_gain = decision_.gain;
  record_.dead_components = dead_components<T>(problem_.v, w_.w(), std::as_const(h_).ht());
  const Index iterations = std::max(record_.iterations - course_.first(), Index{1});
  record_.communication.bytes_per_iteration = counted_.bytes / iterations;
  record_.communication.messages_per_iteration = counted_.messages / iterations;
  return std::move(record_);
}

template <class T>
void Solver<T>::note_stationarity() {
  bool is_asked_to_stop = false;
  const auto gives_up = [&] {
    if (course_.requests().stop) is_asked_to_stop = true;
    return is_asked_to_stop;
  };
  const bool moves_w = problem_.options.final_w && problem_.options.max_iterations > 0;
  const PairStationarity pair = moves_w ? solve_final_w(gives_up) : costs_.complete(gives_up);
  record_.kkt_w = pair.w.residual();
  record_.kkt_h = pair.h.residual();
}

template <class T>
PairStationarity Solver<T>::solve_final_w(const std::function<bool()>& gives_up) {
  const PairReview pair = costs_.solve_w(gives_up);
  costs_.ledger().stand_again(course_.seconds(), costs_.finite_loss(pair.cost.penalty));
  costs_.note(pair.cost);
  return pair.stationarity;
}

template <class T>
void Solver<T>::save(Index i) {
  decision_.save = 0;
  {
    const PhaseTimer timer(record_.phases.save);
    StateTape tape;
    pass(tape);
    course_.save(i, costs_.ledger(), views(), std::move(tape));
  }
  if (is_over(i)) let_pair_stand(i);
}

template <class T>
void Solver<T>::load() {
  StateTape tape = course_.load(views());
  comm().meet([&] { pass(tape); });
  decision_.walk = decision_.save = 0;
  decision_.stop = referee_.stop_of_past(costs_.ledger().standing().cost.loss);
  note_stop();
  h_.take_statistics();
  h_.publish(comm(), decision_);
}

template <class T>
void Solver<T>::pass(StateTape& tape) {
  static_assert(std::is_standard_layout_v<Decision> && sizeof(Decision) % sizeof(double) == 0);
  tape.pass(std::span<double>(&decision_.stop, std::size_t{decision_numbers}));
  revivals_.pass(tape);
  referee_.pass(tape);
  costs_.ledger().pass(tape);
  h_.pass(tape);
  pair_->pass(tape);
}

template <class T>
FitState<T> Solver<T>::views() {
  FitState<T> state;
  const std::vector<FeatureRange> moved_here = exchange_->moved_here();
  w_.add_views(state);
  h_.add_views(state, comm().is_root());
  h_mover_.add_views(state, moved_here);
  pair_->add_views(state, moved_here);
  return state;
}

// what solver.cpp calls
template Solver<float>::Solver(const Problem<float>&, const Walked<float>&, const Chunks&, const FitHooks<float>&);
template Solver<double>::Solver(const Problem<double>&, const Walked<double>&, const Chunks&,
                                const FitHooks<double>&);
template void Solver<float>::begin();
template void Solver<double>::begin();
template RunRecord Solver<float>::close();
template RunRecord Solver<double>::close();
template void Solver<float>::save(Index);
template void Solver<double>::save(Index);

}  // namespace mpinmf
