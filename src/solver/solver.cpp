// One iteration is one pass over V: sweep, sum, rule, broadcast.
#include "solver.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <type_traits>
#include <utility>

#include "clock.hpp"
#include "dead_components.hpp"
#include "extrapolation.hpp"
#include "ledger.hpp"
#include "revival.hpp"
#include "settings.hpp"
#include "stationarity.hpp"
#include "stopping.hpp"
#include "sweep.hpp"
#include "transform.hpp"

namespace mpinmf {
namespace {

/// What rounding makes of ||V||^2 - 2 <S, H> + <W'W, H H'>, as a share of ||V||^2.
template <class T>
constexpr double rounding_noise = 16 * static_cast<double>(std::numeric_limits<T>::epsilon());

template <class T>
class Solver {
 public:
  Solver(const DataMatrix<T>& v, const Options& options, MatrixView<T> w, SharedH<T>& h, const Chunks& chunks)
      : v_(v),
        options_(options.with_choices(v.rows_global(), v.columns())),
        w_(w),
        h_(h),
        rule_(find_rule<T>(options_.rule)),
        loss_(make_loss<T>(options.loss, asked_by(rule_, facts_of(options.loss).offers))),
        settings_w_(settings_for_w(v, options_)),
        settings_h_(settings_for_h(v, options_)),
        momentum_(rule_.is_exact),
        sweep_(v, *loss_, options.components, std::max(1, options.threads)),
        sums_(sweep_.make_sums(*options_.extrapolate)),
        tolerance_(options.stop, options.tolerance),
        ledger_(options.loss, options.trace_every, v.summary().sum_squares, v.rows_global()) {
    const Index k = options.components;
    sweep_.use(rule_);
    h_.use(rule_, is_extrapolated() && (is_root() || chunks.pipelined()));
    if (rule_.state_columns != nullptr) state_ = Matrix<T>::padded(w.rows(), rule_.state_columns(k));
    if (is_extrapolated()) {
      previous_w_ = Matrix<T>::padded(w.rows(), k);
      previous_gram_ = Matrix<double>(k, k);
      gram_ = Matrix<double>(k, k);
    }
    if (chunks.pipelined()) pipeline_.emplace(v.comm(), chunks, k);
    record_.communication =
        communication_of(loss_->statistics(), {k, is_extrapolated(), options_.order == Order::h_first}, sizeof(T),
                         v.comm().size(), chunks);
  }

  RunRecord run(const FitHooks<T>& hooks) {
    hooks_ = &hooks;
    if (hooks.load) {
      load();
    } else {
      ledger_.stand(0, 0, has_penalties() ? Cost::unknown : 0);
      if (tolerance_.needs_gradient()) tolerance_.begin(gradient_norm());
    }
    if (!is_over(first_iteration_)) {
      options_.order == Order::w_first ? iterate_w_first() : iterate_h_first();
    } else if (is_extrapolated()) {
      let_pair_stand(first_iteration_);
    }
    if (*options_.final_w && options_.max_iterations > 0 && record_.stop_reason != StopReason::request)
      solve_final_w();
    if (!ledger_.is_complete()) walk();
    close_record();
    return std::move(record_);
  }

 private:
  void iterate_w_first() {
    for (Index i = first_iteration_ + 1;; ++i) {
      revive_if_due();
      const CommCounts::Kind before = v_.comm().counts().total();
      sweep(late_cost());  // W_i, S_i
      sum();
      move_h();  // H_i = rule(S_i)
      if (is_root()) decision_ = decide(i);
      pipeline_ ? broadcast_decision() : broadcast(i);
      count_since(before);
      if (is_extrapolated()) settle(i);
      require_finite_loss(decision_.penalty);
      ledger_.stand(i, seconds(), decision_.penalty);
      if (decision_.known != 0) note_loss(decision_.loss);
      if (decision_.walk != 0) walk_and_decide(i);
      if (decision_.save != 0) save(i);
      report(i);
      if (is_over(i)) return;
    }
  }

  void iterate_h_first() {
    gather_start(first_iteration_ == 0 ? CostOf::pair_before : CostOf::nothing);  // S_0
    sum();
    for (Index i = first_iteration_ + 1;; ++i) {
      CommCounts::Kind before = v_.comm().counts().total();
      broadcast_decision();  // a stop, and what is saved or begins anew, before anything moves
      count_since(before);
      if (decision_.save != 0) save(i - 1);
      if (decision_.stop != 0) return;
      revive_if_due();
      before = v_.comm().counts().total();
      move_h();  // H_i = rule(S_{i-1})
      if (!pipeline_) broadcast(i);
      sweep(is_cost_wanted(i) ? CostOf::pair_after : CostOf::nothing);  // W_i, S_i
      ledger_.stand(i, seconds(), 0);
      sum();
      count_since(before);
      if (has_penalties()) note_penalty(sums_.total_cost().penalty + penalty_of<T>(settings_h_, h_.ht()));
      if (tolerance_.is_due(i) && tolerance_.needs_gradient()) gather_gradient();
      if (is_root()) decision_ = decide(i);
      report(i);
      if (i < options_.max_iterations) continue;
      broadcast_decision();
      if (decision_.save != 0) save(i);
      return;
    }
  }

  void sweep(CostOf cost) {
    const PhaseTimer timer(record_.phases.sweep);
    record_.phases.walks += 1;
    sums_.clear();
    has_swept_cost_ = cost != CostOf::nothing;
    begin_half_step(rule_, settings_w_, has_gram() ? h_.gram() : ConstMatrixView<double>(), half_step_);
    const bool go_back = decision_.go_back != 0;
    sweep_.move_and_gather({rule_, half_step_, previous_w_.view(), decision_.start_momentum, go_back}, h_.fixed(),
                           {w_, state_.view()}, sums_, cost);
  }

  void gather_start(CostOf cost = CostOf::pair_before) {
    const PhaseTimer timer(record_.phases.sweep);
    record_.phases.walks += cost == CostOf::nothing ? 0.5 : 1;
    sums_.clear();
    has_swept_cost_ = cost != CostOf::nothing;
    sweep_.gather(h_.fixed(), w_, sums_, cost);
  }

  /// Pipelined, only what every rank needs; the rest follows chunk by chunk in move_h.
  void sum() {
    if (hooks_->requests) sums_.request(hooks_->requests());
    {
      const PhaseTimer timer(record_.phases.sum);
      pipeline_ ? sums_.sum_head_over(v_.comm()) : sums_.sum_over(v_.comm());
    }
    require_finite(pipeline_ ? sums_.is_head_finite() : sums_.is_finite());
    const Requests requests = sums_.total_requests();
    requested_ = {requested_.stop || requests.stop, requested_.save || requests.save};
    if (has_swept_cost_) note(sums_.total_cost());
  }

  /// On the root, or, pipelined, chunk by chunk: sum, rule on the rank whose turn it is, broadcast.
  void move_h() {
    HUpdate<T> update{rule_, settings_h_};
    if (!is_extrapolated()) return move_h_by(update);
    update.momentum = update.momentum_h = decision_.momentum;
    update.gram = extrapolated_gram();
    move_h_by(update);
    const Verdict verdict = judge_move();
    if (verdict.accepted != 0) return;
    update.momentum = 0;
    update.momentum_h = verdict.momentum_of_redone;
    update.gram = {};
    update.redo = true;
    move_h_by(update);
    if (is_root()) accepted_ = momentum_.accepts_redone(objective(), noise());
  }
  /// The root's, known to all who move H: sums need not have the same bits on every rank.
  Verdict judge_move() {
    Verdict verdict;
    if (is_root()) {
      accepted_ = momentum_.accepts(objective(), noise());
      verdict = {accepted_ ? 1.0 : 0.0, momentum_.of_redone()};
    }
    if (pipeline_) v_.comm().broadcast_value(verdict);
    return verdict;
  }
  void move_h_by(const HUpdate<T>& update) {
    if (pipeline_) {
      const bool finite = pipeline_->move(update, sums_, h_, record_.phases);
      require_finite(finite && h_.is_finite());
    } else if (is_root()) {
      const PhaseTimer timer(record_.phases.rule);
      h_.move(update, sums_);
    }
  }

  /// Wy'Wy, and W_i'W_i kept for the next iteration.
  ConstMatrixView<double> extrapolated_gram() {
    const ConstMatrixView<double> gram = sums_.of(Statistic::gram);
    extrapolate_gram(decision_.momentum, gram, sums_.of(Statistic::cross_gram),
                     std::as_const(previous_gram_).view(), gram_.view());
    std::copy_n(gram.data(), gram.rows() * gram.columns(), previous_gram_.row(0));
    return std::as_const(gram_).view();
  }

  void broadcast(Index i) {
    if (is_root() && is_extrapolated()) show_what_stands(i, {0, v_.columns()});
    decision_.finite = h_.is_finite() ? 1 : 0;
    {
      const PhaseTimer timer(record_.phases.broadcast);
      h_.publish(v_.comm(), decision_);
    }
    require_finite(decision_.finite != 0);
    note_stop();
  }

  void broadcast_decision() {
    const PhaseTimer timer(record_.phases.broadcast);
    v_.comm().broadcast_value(decision_);
    note_stop();
  }

  /// Extrapolated: H before, where what is minimised rose, or the pair's H in place of Hy, where the run pauses.
  /// True where either is the case. For these features; the statistics are the caller's to refresh.
  bool restore(Index i, FeatureRange features) {
    if (decision_.go_back != 0) {
      h_.go_back(features);
    } else if (pauses(i)) {
      h_.show_pair(features);
    }
    return decision_.go_back != 0 || pauses(i);
  }
  void show_what_stands(Index i, FeatureRange all) {
    if (restore(i, all)) h_.refresh();
  }
  /// The end, a walk for the cost of the pair, or a revival. What is saved at the end is the state to go on from.
  bool pauses(Index i) const {
    return (is_over(i) && decision_.save == 0) || decision_.walk != 0 || decision_.revive != 0;
  }

  /// Extrapolated, once the decision is known everywhere: H by chunks, and W where the run pauses.
  void settle(Index i) {
    if (pipeline_ && (decision_.go_back != 0 || pauses(i))) {
      pipeline_->for_own_chunks([&](FeatureRange chunk) { restore(i, chunk); });
      pipeline_->share(h_);
    }
    if (decision_.go_back == 0 || !pauses(i)) return;
    for (Index r = 0; r < w_.rows(); ++r) std::copy_n(previous_w_.row(r), w_.columns(), w_.row(r));
    decision_.go_back = 0;
  }
  /// Extrapolated, after the end, where the state to go on from was saved first.
  void let_pair_stand(Index i) {
    if (!pipeline_) {
      if (is_root()) show_what_stands(i, {0, v_.columns()});
      h_.publish(v_.comm(), decision_);
    }
    settle(i);
  }

  /// Collective. All ranks know of it.
  void save(Index i) {
    decision_.save = 0;
    {
      const PhaseTimer timer(record_.phases.save);
      StateTape tape;
      pass(tape);
      FitState<T> state = views();
      state.iteration = i;
      state.max_iterations = options_.max_iterations;
      state.seconds = seconds();
      state.loss = ledger_.newest_loss();
      state.loss_iteration = ledger_.newest_loss_iteration();
      state.trace = ledger_.rows();
      state.numbers = tape.take();
      hooks_->save(state);
    }
    if (is_extrapolated() && is_over(i)) let_pair_stand(i);
  }
  void load() {
    FitState<T> state = views();
    hooks_->load(state);
    v_.comm().meet([&] {
      StateTape tape(std::move(state.numbers));
      pass(tape);
    });
    first_iteration_ = state.iteration;
    seconds_of_past_ = state.seconds;
    decision_.walk = decision_.save = 0;
    // a run that was lost, or asked to stop, when it had met the tolerance is over; all other limits may be new
    decision_.stop = tolerance_.was_met() ? met_code(ledger_.standing().cost.loss) : 0;
    note_stop();
    h_.take_statistics();
    h_.publish(v_.comm(), decision_);
  }
  /// Whatever an iteration needs of those before, beside the factors and the like.
  void pass(StateTape& tape) {
    static_assert(std::is_standard_layout_v<Decision> && sizeof(Decision) % sizeof(double) == 0);
    tape.pass(std::span<double>(&decision_.stop, sizeof(Decision) / sizeof(double)));
    tape.pass(revivals_);
    momentum_.pass(tape);
    tolerance_.pass(tape);
    ledger_.pass(tape);
    h_.pass(tape);
    tape.pass(std::span<double>(previous_gram_.data(),
                                static_cast<std::size_t>(previous_gram_.rows() * previous_gram_.columns())));
  }
  FitState<T> views() {
    FitState<T> state;
    const auto add_rows = [&](const char* name, Matrix<T>& x) {
      if (x.columns() == 0) return;
      state.factors.push_back({name, v_.rows_global(), x.columns(), {{v_.first_row(), x.view()}}});
    };
    state.factors.push_back({"w", v_.rows_global(), w_.columns(), {{v_.first_row(), w_}}});
    add_rows("w_state", state_);
    add_rows("w_previous", previous_w_);
    std::vector<FeatureRange> moved_here;
    if (pipeline_) {
      pipeline_->for_own_chunks([&](FeatureRange chunk) { moved_here.push_back(chunk); });
    } else if (is_root()) {
      moved_here.push_back({0, v_.columns()});
    }
    h_.add_views(state, is_root(), moved_here);
    return state;
  }

  /// On the root, when pair i has been made: which pair stands, and whether to go on, stop, or walk over V for
  /// what the tolerance needs. Never stops on a late loss.
  Decision decide(Index i) {
    Decision decision;
    decision.penalty = penalty();
    std::optional<double> loss = ledger_.standing().iteration == i && ledger_.knows_loss()
                                     ? std::optional<double>(ledger_.standing().cost.loss)
                                     : identity_loss();
    if (is_extrapolated()) {
      decision.go_back = accepted_ ? 0 : 1;
      decision.momentum = momentum_.value();
      decision.start_momentum = momentum_.of_start();
      if (decision.go_back != 0) {
        decision.penalty = ledger_.standing().cost.penalty;
        loss.reset();
        if (ledger_.knows_loss()) loss = ledger_.standing().cost.loss;
      }
    }
    if (decision.go_back == 0 && is_to_revive()) decision.revive = 1;
    judge(i, loss, decision);
    return decision;
  }
  /// Whether the state is saved: when it is due, when that was asked for, and at the end.
  bool is_to_be_saved(Index i, const Decision& decision) {
    if (!hooks_->save) return false;
    return requested_.save || decision.stop != 0 || i == options_.max_iterations || hooks_->is_save_due(i);
  }

  /// Holds the standing pair against the tolerance and the time.
  void judge(Index i, std::optional<double> loss, Decision& decision) {
    decision.known = loss ? 1 : 0;
    decision.loss = loss.value_or(0);
    if (tolerance_.is_due(i) && decision.revive == 0) {
      const std::optional<double> measure = this->measure(loss, decision.penalty);
      decision.walk = measure ? 0 : 1;
      if (measure && tolerance_.is_met(*measure)) decision.stop = met_code(loss.value_or(Cost::unknown));
    }
    const double used = hooks_->seconds_used ? hooks_->seconds_used() : clock_.seconds();
    if (used >= options_.max_seconds) decision.stop = stop_code(StopReason::max_seconds);
    if (requested_.stop) decision.stop = stop_code(StopReason::request);
    if (is_to_be_saved(i, decision)) decision.save = 1;
    requested_ = {};
  }
  /// What the tolerance is held against, as far as it is known.
  std::optional<double> measure(std::optional<double> loss, double penalty) {
    switch (options_.stop) {
      case Stop::scikit_learn_cd: return sums_.total_cost().violation + h_.moved().violation;
      case Stop::projected_gradient: return std::exchange(gradient_, std::nullopt);
      case Stop::loss:
        if (loss) return *loss + penalty;
        break;
      case Stop::scikit_learn_mu:
        if (loss) return std::sqrt(2 * *loss);
        break;
    }
    return {};
  }
  static double stop_code(StopReason reason) { return 1 + static_cast<int>(reason); }
  static double met_code(double loss) { return stop_code(loss == 0 ? StopReason::exact : StopReason::tolerance); }
  void note_stop() {
    if (decision_.stop != 0) record_.stop_reason = static_cast<StopReason>(static_cast<int>(decision_.stop) - 1);
  }

  /// Whether V could feed a component that is dead. Rules that keep zeros mean those of their start.
  bool is_to_revive() const {
    return options_.revive && has_gram() && !rule_.locks_zeros && revivals_ < most_revivals &&
           v_.summary().sum_squares > 0 && has_dead_component(sums_.of(Statistic::gram), h_.gram());
  }
  void revive_if_due() {
    settings_w_.opens = settings_h_.opens = decision_.revive != 0;
    if (decision_.revive != 0) revive();
  }
  /// Of the pair that stands; known to all ranks.
  void revive() {
    const LivingComponents living = living_components<T>(v_.comm(), w_, h_.ht());
    const ComponentDraw draw{options_.seed, revivals_++, living.dead};
    if (options_.order == Order::w_first) {
      draw_components<T>(draw, living.scale_of_h, 0, h_.ht());
      clear_components<T>(living.dead, w_);
    } else {
      draw_components<T>(draw, living.scale_of_w, v_.first_row(), w_);
      clear_components<T>(living.dead, h_.ht());
    }
    if (state_.columns() == w_.columns()) clear_components<T>(living.dead, state_.view());
    h_.begin_anew(living.dead);
    momentum_ = Momentum(rule_.is_exact);
    decision_.momentum = decision_.start_momentum = 0;
    if (options_.order == Order::w_first) return;
    gather_start();
    sum();
  }

  void walk_and_decide(Index i) {
    if (tolerance_.needs_gradient()) {
      gradient_ = gradient_norm();
    } else {
      walk();
    }
    if (is_root()) {
      decision_.walk = 0;
      const double loss = ledger_.standing().cost.loss;
      judge(i, std::isnan(loss) ? std::nullopt : std::optional<double>(loss), decision_);
    }
    broadcast_decision();
  }

  /// ||V||^2 - 2 <S_i, H_i> + <W_i'W_i, H_i H_i'> = ||V - W_i H_i||^2, as far as it does not cancel.
  double identity_square() const {
    const FactorSums::Move moved = h_.moved();
    const ConstMatrixView<double> w_gram = sums_.of(Statistic::gram), h_gram = h_.gram();
    double quadratic = moved.quadratic;
    for (Index a = 0; a < w_gram.rows() && !is_extrapolated(); ++a) {
      for (Index b = 0; b < w_gram.columns(); ++b) quadratic += w_gram(a, b) * h_gram(a, b);
    }
    return v_.summary().sum_squares - 2 * moved.linear + quadratic;
  }
  /// D_i, unless too much of it cancels. Frobenius, W first.
  std::optional<double> identity_loss() const {
    if (!has_gram() || options_.order == Order::h_first) return {};
    const double square = identity_square();
    if (!(square >= trusted_share<T> * v_.summary().sum_squares)) return {};
    return square / 2;
  }

  /// One walk over V for the cost of the pair that stands.
  void walk() {
    const PhaseTimer timer(record_.phases.cost);
    note(sum_over(v_.comm(), sweep_.cost(h_.fixed(), w_)));
  }

  PairStationarity pair_stationarity(const std::function<bool()>& gives_up = {}) {
    const PhaseTimer timer(record_.phases.cost);
    return stationarity<T>({v_, *loss_, settings_w_, settings_h_, sweep_, sums_, gives_up}, h_, w_);
  }
  /// After the last iteration: for who asks to stop now the results are what counts, not how good they are.
  void note_stationarity() {
    if (record_.stop_reason == StopReason::request) return;
    bool is_asked_to_stop = false;
    const PairStationarity pair = pair_stationarity([&] {
      if (hooks_->requests && hooks_->requests().stop) is_asked_to_stop = true;
      return is_asked_to_stop;
    });
    record_.kkt_w = pair.w.residual();
    record_.kkt_h = pair.h.residual();
  }
  double gradient_norm() {
    const PairStationarity pair = pair_stationarity();
    return std::hypot(pair.w.projected.value(), pair.h.projected.value());
  }
  /// H first: the sums of W_i are what the next iteration needs, so they are gathered again.
  void gather_gradient() {
    gradient_ = gradient_norm();
    gather_start();
    sum();
  }

  /// W for the last H, exactly.
  void solve_final_w() {
    const PhaseTimer timer(record_.phases.sweep);
    v_.comm().meet([&] { solve_w_exactly<T>(v_, options_, h_.fixed(), h_.gram(), w_); });
    const double share = penalty_of<T>(settings_w_, w_);
    const double total = v_.comm().sum(share) + penalty_of<T>(settings_h_, h_.ht());
    require_finite_loss(total);
    ledger_.stand_again(seconds(), total);
  }

  void note_loss(double loss) {
    require_finite_loss(loss);
    ledger_.note_loss(loss);
  }
  void note_penalty(double penalty) {
    require_finite_loss(penalty);
    ledger_.note_penalty(penalty);
  }
  void note(const PanelCost& total) {
    require_finite_loss(total.loss);
    ledger_.note(total);
    if (ledger_.standing().iteration > 0 || !tolerance_.needs_loss()) return;
    const Cost& start = ledger_.standing().cost;
    tolerance_.begin(options_.stop == Stop::loss ? start.loss + start.penalty : start.reconstruction_error);
  }

  /// W first: what the last pair's row still lacks comes from this sweep, unless that sees another H.
  CostOf late_cost() const {
    if (is_extrapolated() && ledger_.standing().iteration > 0) return CostOf::nothing;
    const bool late = ledger_.is_traced(ledger_.standing().iteration) && !ledger_.is_complete();
    return late ? CostOf::pair_before : CostOf::nothing;
  }
  /// H first: what is known at once.
  bool is_cost_wanted(Index i) const {
    return ledger_.is_traced(i) || (tolerance_.is_due(i) && tolerance_.needs_loss()) ||
           i == options_.max_iterations;
  }
  double seconds() const { return seconds_of_past_ + clock_.seconds(); }
  bool is_over(Index i) const { return decision_.stop != 0 || i >= options_.max_iterations; }
  bool is_root() const { return v_.comm().is_root(); }
  bool is_extrapolated() const { return *options_.extrapolate; }
  bool has_gram() const { return loss_->statistics().has(Statistic::gram); }
  bool has_penalties() const { return options_.alpha_w > 0 || *options_.alpha_h > 0; }
  /// Extrapolated: what is minimised by the pair that has been made.
  double objective() const { return identity_square() / 2 + penalty(); }
  double noise() const { return rounding_noise<T> * v_.summary().sum_squares; }
  /// Of the pair that has been made; on the ranks that know of H's move.
  double penalty() const { return sums_.total_cost().penalty + h_.moved().penalty; }

  void report(Index i) const {
    if (!hooks_->on_iteration) return;
    hooks_->on_iteration(
        {i, options_.max_iterations, seconds(), ledger_.newest_loss(), ledger_.newest_loss_iteration()});
  }

  void count_since(const CommCounts::Kind& before) { counted_ += v_.comm().counts().total() - before; }
  void close_record() {
    record_.trace = ledger_.rows();
    record_.iterations = ledger_.standing().iteration;
    record_.zero_models = ledger_.zero_models();
    record_.dead_components = dead_components<T>(v_, w_, std::as_const(h_).ht());
    note_stationarity();
    const Index iterations = std::max(record_.iterations - first_iteration_, Index{1});
    record_.communication.bytes_per_iteration = counted_.bytes / iterations;
    record_.communication.messages_per_iteration = counted_.messages / iterations;
  }

  /// Every rank asks with the same bits, so every rank throws.
  void require_finite(bool finite) const {
    if (!finite) refuse("a factor overflowed");
  }
  void require_finite_loss(double loss) const {
    if (!std::isfinite(loss)) refuse("what is minimised is not a finite number");
  }
  [[noreturn]] void refuse(const std::string& what) const {
    BadData error(what + " after iteration " + std::to_string(ledger_.standing().iteration) +
                  (sizeof(T) == 4 ? ": use double precision, or rescale V" : ": rescale V or the start"));
    error.set_met();
    throw error;
  }

  const DataMatrix<T>& v_;
  Options options_;
  MatrixView<T> w_;
  SharedH<T>& h_;
  const Rule<T>& rule_;
  std::unique_ptr<PanelLoss<T>> loss_;
  RuleSettings settings_w_, settings_h_;
  HalfStep<T> half_step_;
  Matrix<T> state_;                      // of the rule, one row a row of W
  Matrix<T> previous_w_;                 // extrapolated: the W before
  Matrix<double> previous_gram_, gram_;  // extrapolated: of the W before, and Wy'Wy
  Momentum momentum_;
  bool accepted_ = true;  // the pair that has been made; on the root
  Sweep<T> sweep_;
  Sums<T> sums_;
  std::optional<Pipeline<T>> pipeline_;
  ToleranceRule tolerance_;
  std::optional<double> gradient_;
  Ledger ledger_;
  RunRecord record_;
  Decision decision_;
  Clock clock_;
  bool has_swept_cost_ = false;
  CommCounts::Kind counted_;
  const FitHooks<T>* hooks_ = nullptr;
  Index revivals_ = 0;
  Requests requested_;         // on the root: since the last decision
  Index first_iteration_ = 0;  // that this run found, and the seconds of iterations up to it
  double seconds_of_past_ = 0;
};

}  // namespace

template <class T>
RunRecord factorize(const DataMatrix<T>& v, const Options& options, MatrixView<T> w, SharedH<T>& h,
                    const FitHooks<T>& hooks) {
  const Options chosen = options.with_choices(v.rows_global(), v.columns());
  const Chunks chunks = chunks_for(v.columns(), options.components, sizeof(T), v.comm().size(),
                                   find_rule<T>(chosen.rule).outweighs_messages);
  std::optional<Solver<T>> solver;
  v.comm().meet([&] { solver.emplace(v, options, w, h, chunks); });  // its memory may not be there
  return solver->run(hooks);
}

template <class T>
RunRecord factorize_in_chunks(const DataMatrix<T>& v, const Options& options, MatrixView<T> w, SharedH<T>& h,
                              const Chunks& chunks, const FitHooks<T>& hooks) {
  std::optional<Solver<T>> solver;
  v.comm().meet([&] { solver.emplace(v, options, w, h, chunks); });
  return solver->run(hooks);
}

template RunRecord factorize(const DataMatrix<float>&, const Options&, MatrixView<float>, SharedH<float>&,
                             const FitHooks<float>&);
template RunRecord factorize(const DataMatrix<double>&, const Options&, MatrixView<double>, SharedH<double>&,
                             const FitHooks<double>&);

template RunRecord factorize_in_chunks(const DataMatrix<float>&, const Options&, MatrixView<float>,
                                       SharedH<float>&, const Chunks&, const FitHooks<float>&);
template RunRecord factorize_in_chunks(const DataMatrix<double>&, const Options&, MatrixView<double>,
                                       SharedH<double>&, const Chunks&, const FitHooks<double>&);

}  // namespace mpinmf
