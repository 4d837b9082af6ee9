// One iteration is one pass over V: sweep, sum, rule, broadcast.
#include "solver.hpp"

#include <algorithm>
#include <optional>
#include <type_traits>
#include <utility>

#include "appraisal.hpp"
#include "clock.hpp"
#include "continuation.hpp"
#include "dead_components.hpp"
#include "h_exchange.hpp"
#include "pair.hpp"
#include "referee.hpp"
#include "revival.hpp"
#include "transform.hpp"
#include "w_mover.hpp"

namespace mpinmf {
namespace {

/// What moves, and what walks over V.
template <class T>
struct Walked {
  MatrixView<T> w;  ///< rows_local x k, padded
  SharedH<T>& h;
  Sweep<T>& sweep;
};

template <class T>
class Solver {
 public:
  Solver(const Problem<T>& problem, const Walked<T>& walked, const Chunks& chunks, const FitHooks<T>& hooks)
      : problem_(problem),
        course_(hooks, problem.options.max_iterations),
        w_(problem, walked.w, walked.sweep),
        h_(walked.h),
        exchange_(make_h_exchange<T>(comm(), chunks, problem.options.components, record_.phases)),
        pair_(make_pair_of<T>({walked.w, h_, problem.v}, problem.rule, problem.options.extrapolate,
                              exchange_->moves_here())),
        h_mover_(h_, problem.rule, settings_for_h(problem.v, problem.options), pair_->h_start()),
        costs_(problem, w_, h_mover_, *pair_, record_.phases),
        referee_(problem.options),
        revivals_(problem.may_revive()) {
    const CommunicationSizes sizes{problem.options.components, problem.options.extrapolate, problem.h_first()};
    record_.communication = communication_of(problem.loss.statistics(), sizes, sizeof(T), comm().size(), chunks);
  }

  /// After iteration i the pair (W_i, H_i) stands, is saved, and is what a stop returns.
  RunRecord run() {
    begin();
    for (Index i = course_.first() + 1; !is_over(i - 1); ++i) {
      revive_if_due();
      const CommCounts::Kind before = comm().counts().total();
      if (problem_.w_first()) move_w(i);  // W_i, S_i
      move_h();                           // H_i = rule(S), once more where the loss rose
      if (problem_.h_first()) move_w(i);  // W_i, S_i
      decide(i);
      counted_ += comm().counts().total() - before;
      settle(i);
      note_pair(i);
      if (decision_.walk != 0) walk_and_decide(i);
      if (decision_.save != 0) save(i);
      course_.report(i, costs_.ledger());
    }
    return close();
  }

 private:
  // --- The half-steps ---------------------------------------------------------------------------------------

  /// One walk over V, one sum.
  void move_w(Index i) {
    w_.move(h_, pair_->w_start(decision_), costs_.wanted_cost(i, referee_.tolerance()), record_.phases);
    if (problem_.h_first()) costs_.ledger().stand(i, course_.seconds(), 0);
    sum();
    if (!problem_.h_first() || !problem_.has_penalties()) return;
    const double of_h = penalty_of<T>(h_mover_.settings(), std::as_const(h_).ht());
    costs_.ledger().note_penalty(costs_.finite_loss(w_.sums().total_cost().penalty + of_h));
  }
  /// The sums of W as it stands.
  void gather(CostOf cost) {
    w_.gather(h_, cost, record_.phases);
    sum();
  }
  void sum() {
    w_.sums().request(course_.requests());
    costs_.require_finite(exchange_->sum(w_.sums()));
    referee_.hear(w_.sums().total_requests());
    if (w_.has_cost()) note(w_.sums().total_cost());
  }
  /// With W first H is shared once it is known which pair stands.
  void move_h() {
    costs_.require_finite(pair_->move_h(decision_, w_.sums(), *exchange_, h_mover_));
    if (problem_.w_first()) return;
    exchange_->show(h_, decision_);
    costs_.require_finite(decision_.finite != 0);
  }
  void revive_if_due() {
    w_.set_opens(decision_.revive != 0);
    h_mover_.set_opens(decision_.revive != 0);
    if (decision_.revive == 0) return;
    const Revival revival{comm(), problem_.options.seed, revivals_.count_one(), problem_.w_first(),
                          problem_.v.first_row()};
    const std::vector<Index> dead = revive<T>(revival, w_.w(), h_.ht());
    w_.begin_anew(dead);
    h_mover_.begin_anew(dead);
    pair_->begin_anew(decision_);
    h_.refresh();
    if (problem_.h_first()) gather(CostOf::pair_before);
  }

  // --- Which pair stands, and whether to go on --------------------------------------------------------------

  /// The root decides. With W first the decision goes with H, with H first by itself.
  void decide(Index i) {
    if (comm().is_root()) decision_ = decision(i);
    problem_.w_first() ? share(i) : tell();
  }
  Decision decision(Index i) {
    Decision decision;
    pair_->propose(decision);
    const bool goes_back = decision.go_back != 0;
    const Standing standing = goes_back ? costs_.standing_pair() : costs_.new_pair(i);
    decision.penalty = standing.penalty;
    if (!goes_back && problem_.has_gram() &&
        revivals_.are_due(w_.sums().of(Statistic::gram), std::as_const(h_).gram())) {
      decision.revive = 1;
    }
    judge(i, standing, decision);
    return decision;
  }
  void judge(Index i, const Standing& standing, Decision& decision) {
    referee_.judge(i, standing, course_.seconds_used(), decision);
    const bool is_asked = referee_.is_asked_to_save();
    if (!course_.is_saved()) return;
    const bool ends = decision.stop != 0 || i == problem_.options.max_iterations;
    if (is_asked || ends || course_.is_save_due(i)) decision.save = 1;
  }
  void share(Index i) {
    exchange_->share(h_, decision_, pair_->h_change(decision_, pauses(i)));
    costs_.require_finite(decision_.finite != 0);
    note_stop();
  }
  void tell() {
    const PhaseTimer timer(record_.phases.broadcast);
    comm().broadcast_value(decision_);
    note_stop();
  }
  /// Makes what is left to be made of the pair that stands.
  void settle(Index i) {
    exchange_->settle(h_, pair_->h_change(decision_, pauses(i)));
    pair_->settle_w(decision_, pauses(i));
  }
  /// After the end, where the state to go on from was saved, or read, first.
  void let_pair_stand(Index i) {
    if (!pair_->h_change(decision_, pauses(i)).is_due) return;
    share(i);
    settle(i);
  }
  /// For what the tolerance is held against. With H first the sums of W_i are what the next iteration needs.
  void walk_and_decide(Index i) {
    if (referee_.tolerance().needs_gradient()) {
      referee_.take_gradient(costs_.gradient_norm());
    } else {
      costs_.walk();
    }
    if (comm().is_root()) judge(i, costs_.standing_pair(), decision_);
    tell();
    if (problem_.h_first() && !is_over(i)) gather(CostOf::pair_before);
  }
  void note_pair(Index i) {
    if (problem_.w_first()) {
      costs_.ledger().stand(i, course_.seconds(), costs_.finite_loss(decision_.penalty));
    }
    if (decision_.known != 0) costs_.note_loss(decision_.loss);
  }
  void note(const PanelCost& total) {
    costs_.note(total);
    const TraceRow& standing = costs_.ledger().standing();
    if (standing.iteration == 0) referee_.begin(standing.cost);
  }

  // --- The ends ---------------------------------------------------------------------------------------------

  void begin() {
    if (course_.has_state()) {
      load();
    } else {
      costs_.ledger().stand(0, 0, problem_.has_penalties() ? Cost::unknown : 0);
      if (referee_.tolerance().needs_gradient()) referee_.begin_gradient(costs_.gradient_norm());
    }
    const Index first = course_.first();
    if (is_over(first)) {
      let_pair_stand(first);
    } else if (problem_.h_first()) {
      gather(first == 0 ? CostOf::pair_before : CostOf::nothing);  // S_0
    }
  }
  RunRecord close() {
    const bool is_stopped = record_.stop_reason == StopReason::request;
    if (problem_.options.final_w && problem_.options.max_iterations > 0 && !is_stopped) solve_final_w();
    const Ledger& ledger = costs_.ledger();
    if (!is_stopped) {
      note_stationarity();
    } else if (!ledger.is_complete()) {
      costs_.walk();  // the results are what counts, not how good they are
    }
    record_.trace = ledger.rows();
    record_.iterations = ledger.standing().iteration;
    record_.zero_models = ledger.zero_models();
    record_.dead_components = dead_components<T>(problem_.v, w_.w(), std::as_const(h_).ht());
    const Index iterations = std::max(record_.iterations - course_.first(), Index{1});
    record_.communication.bytes_per_iteration = counted_.bytes / iterations;
    record_.communication.messages_per_iteration = counted_.messages / iterations;
    return std::move(record_);
  }
  /// W for the last H, exactly.
  void solve_final_w() {
    const PhaseTimer timer(record_.phases.sweep);
    comm().meet([&] { solve_w_exactly<T>(problem_.v, problem_.options, h_.fixed(), h_.gram(), w_.w()); });
    costs_.ledger().stand_again(course_.seconds(), costs_.finite_loss(costs_.penalty()));
  }
  void note_stationarity() {
    bool is_asked_to_stop = false;
    const PairStationarity pair = costs_.complete([&] {
      if (course_.requests().stop) is_asked_to_stop = true;
      return is_asked_to_stop;
    });
    record_.kkt_w = pair.w.residual();
    record_.kkt_h = pair.h.residual();
  }

  /// Collective. All ranks know of it. What is saved at the end is the state to go on from.
  void save(Index i) {
    decision_.save = 0;
    {
      const PhaseTimer timer(record_.phases.save);
      StateTape tape;
      pass(tape);
      course_.save(i, costs_.ledger(), views(), std::move(tape));
    }
    if (is_over(i)) let_pair_stand(i);
  }
  void load() {
    StateTape tape = course_.load(views());
    comm().meet([&] { pass(tape); });
    decision_.walk = decision_.save = 0;
    decision_.stop = referee_.stop_of_past(costs_.ledger().standing().cost.loss);
    note_stop();
    h_.take_statistics();
    h_.publish(comm(), decision_);
  }
  /// Whatever an iteration needs of those before, beside the factors and the like.
  void pass(StateTape& tape) {
    static_assert(std::is_standard_layout_v<Decision> && sizeof(Decision) % sizeof(double) == 0);
    tape.pass(std::span<double>(&decision_.stop, std::size_t{decision_numbers}));
    revivals_.pass(tape);
    referee_.pass(tape);
    costs_.ledger().pass(tape);
    h_.pass(tape);
    pair_->pass(tape);
  }
  FitState<T> views() {
    FitState<T> state;
    const std::vector<FeatureRange> moved_here = exchange_->moved_here();
    w_.add_views(state);
    h_.add_views(state, comm().is_root());
    h_mover_.add_views(state, moved_here);
    pair_->add_views(state, moved_here);
    return state;
  }

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

}  // namespace

template <class T>
RunRecord factorize_by(Sweep<T>& sweep, const ResolvedOptions& options, MatrixView<T> w, SharedH<T>& h,
                       const Chunks& chunks, const FitHooks<T>& hooks) {
  std::optional<Problem<T>> problem;
  std::optional<Solver<T>> solver;
  sweep.walk().v().comm().meet([&] {  // its memory may not be there
    problem.emplace(sweep, options);
    solver.emplace(*problem, Walked<T>{w, h, sweep}, chunks, hooks);
  });
  return solver->run();
}

template <class T>
RunRecord factorize_in_chunks(const DataMatrix<T>& v, const ResolvedOptions& options, MatrixView<T> w,
                              SharedH<T>& h, const Chunks& chunks, const FitHooks<T>& hooks) {
  const Rule<T>& rule = options.rule<T>();
  const auto loss = make_loss<T>(options.loss, asked_by(rule, facts_of(options.loss).offers));
  std::optional<Sweep<T>> sweep;
  v.comm().meet([&] {
    sweep.emplace(v, *loss, options.components, options.threads.threads);
    sweep->use(rule);
  });
  return factorize_by(*sweep, options, w, h, chunks, hooks);
}

template <class T>
RunRecord factorize(const DataMatrix<T>& v, const ResolvedOptions& options, MatrixView<T> w, SharedH<T>& h,
                    const FitHooks<T>& hooks) {
  const Chunks chunks = chunks_for(v.columns(), options.components, sizeof(T), v.comm().size(),
                                   options.rule<T>().outweighs_messages);
  return factorize_in_chunks(v, options, w, h, chunks, hooks);
}

template RunRecord factorize(const DataMatrix<float>&, const ResolvedOptions&, MatrixView<float>, SharedH<float>&,
                             const FitHooks<float>&);
template RunRecord factorize(const DataMatrix<double>&, const ResolvedOptions&, MatrixView<double>,
                             SharedH<double>&, const FitHooks<double>&);

template RunRecord factorize_in_chunks(const DataMatrix<float>&, const ResolvedOptions&, MatrixView<float>,
                                       SharedH<float>&, const Chunks&, const FitHooks<float>&);
template RunRecord factorize_in_chunks(const DataMatrix<double>&, const ResolvedOptions&, MatrixView<double>,
                                       SharedH<double>&, const Chunks&, const FitHooks<double>&);

template RunRecord factorize_by(Sweep<float>&, const ResolvedOptions&, MatrixView<float>, SharedH<float>&,
                                const Chunks&, const FitHooks<float>&);
template RunRecord factorize_by(Sweep<double>&, const ResolvedOptions&, MatrixView<double>, SharedH<double>&,
                                const Chunks&, const FitHooks<double>&);

}  // namespace mpinmf
