// One iteration is one pass over V: sweep, sum, rule, broadcast.
#include "solver.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "clock.hpp"
#include "ledger.hpp"
#include "stopping.hpp"
#include "sweep.hpp"

namespace mpinmf {
namespace {

template <class T>
class Solver {
 public:
  Solver(const DataMatrix<T>& v, const Options& options, MatrixView<T> w, SharedH<T>& h, const Chunks& chunks)
      : v_(v),
        options_(options),
        w_(w),
        h_(h),
        loss_(make_loss<T>(options.loss)),
        rule_(find_rule<T>(options.rule)),
        sweep_(v, *loss_, options.components, std::max(1, options.threads)),
        sums_(sweep_.make_sums()),
        tolerance_(options.tolerance),
        ledger_(options.loss, options.trace_every, v.summary().sum_squares, v.rows_global()) {
    sweep_.use(rule_);
    h_.use(rule_);
    if (rule_.state_columns != nullptr)
      state_ = Matrix<T>::padded(w.rows(), rule_.state_columns(options.components));
    if (chunks.pipelined()) pipeline_.emplace(v.comm(), chunks, options.components);
    record_.communication =
        communication_of(loss_->shape(), options.components, sizeof(T), v.comm().size(), chunks);
  }

  RunRecord run(const std::function<void(const Progress&)>& on_iteration) {
    on_iteration_ = &on_iteration;
    ledger_.stand(0, 0);
    if (options_.max_iterations > 0) {
      options_.order == Order::w_first ? iterate_w_first() : iterate_h_first();
    }
    if (!ledger_.is_complete()) walk();
    close_record();
    return std::move(record_);
  }

 private:
  void iterate_w_first() {
    for (Index i = 1;; ++i) {
      const CommCounts::Kind before = v_.comm().counts().total();
      sweep(late_cost());  // W_i, S_i
      sum();
      move_h();  // H_i = rule(S_i)
      if (is_root()) decision_ = decide(i, identity_loss());
      pipeline_ ? broadcast_decision() : broadcast();
      count_since(before);
      ledger_.stand(i, clock_.seconds());
      if (decision_.known != 0) ledger_.note_loss(decision_.loss);
      if (decision_.walk != 0) walk_and_decide(i);
      report(i);
      if (is_over(i)) return;
    }
  }

  void iterate_h_first() {
    gather_start();  // S_0
    sum();
    for (Index i = 1;; ++i) {
      const CommCounts::Kind before = v_.comm().counts().total();
      if (pipeline_) broadcast_decision();  // whoever moves a chunk must know of a stop
      if (decision_.stop == 0) move_h();    // H_i = rule(S_{i-1}); a stop leaves H as it was
      if (!pipeline_) broadcast();
      if (decision_.stop != 0) return;
      sweep(is_cost_wanted(i) ? CostOf::pair_after : CostOf::nothing);  // W_i, S_i
      ledger_.stand(i, clock_.seconds());
      sum();
      count_since(before);
      if (is_root()) decision_ = decide(i, {});
      report(i);
      if (i < options_.max_iterations) continue;
      broadcast_decision();
      return;
    }
  }

  void sweep(CostOf cost) {
    const PhaseTimer timer(record_.phases.sweep);
    sums_.clear();
    has_swept_cost_ = cost != CostOf::nothing;
    const bool has_gram = loss_->shape() == StatisticsShape::gram;
    begin_half_step(rule_, settings_for_w(options_), has_gram ? h_.gram() : ConstMatrixView<double>(), half_step_);
    sweep_.move_and_gather({rule_, half_step_}, h_.fixed(), {w_, state_.view()}, sums_, cost);
  }

  void gather_start() {
    const PhaseTimer timer(record_.phases.sweep);
    sums_.clear();
    has_swept_cost_ = true;
    sweep_.gather(h_.fixed(), w_, sums_, CostOf::pair_before);
  }

  /// Pipelined, only what every rank needs; the rest follows chunk by chunk in move_h.
  void sum() {
    {
      const PhaseTimer timer(record_.phases.sum);
      pipeline_ ? sums_.sum_head_over(v_.comm()) : sums_.sum_over(v_.comm());
    }
    require_finite(pipeline_ ? sums_.is_head_finite() : sums_.is_finite());
    if (has_swept_cost_) note(sums_.total_cost());
  }

  /// On the root, or, pipelined, chunk by chunk: sum, rule on the rank whose turn it is, broadcast.
  void move_h() {
    const HUpdate<T> update{rule_, settings_for_h(options_), loss_->shape()};
    if (pipeline_) {
      const bool finite = pipeline_->move(update, sums_, h_, record_.phases);
      require_finite(finite && h_.is_finite());
    } else if (is_root()) {
      const PhaseTimer timer(record_.phases.rule);
      h_.move(update, sums_);
    }
  }

  void broadcast() {
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

  /// D_i = (||V||^2 - 2 <S_i, H_i> + <W_i'W_i, H_i H_i'>) / 2, unless too much of it cancels. Frobenius only.
  std::optional<double> identity_loss() const {
    if (loss_->shape() != StatisticsShape::gram) return {};
    const ConstMatrixView<double> w_gram = sums_.denominator(), h_gram = h_.gram();
    double quadratic = 0;
    for (Index a = 0; a < w_gram.rows(); ++a) {
      for (Index b = 0; b < w_gram.columns(); ++b) quadratic += w_gram(a, b) * h_gram(a, b);
    }
    const double norm = v_.summary().sum_squares, square = norm - 2 * h_.linear() + quadratic;
    if (!(square >= trusted_share<T> * norm)) return {};
    return square / 2;
  }

  /// On the root, when pair i stands: go on, stop, or walk over V because the loss that the tolerance needs is
  /// not known. Never stops on a late loss.
  Decision decide(Index i, std::optional<double> loss) {
    if (!loss && ledger_.standing().iteration == i && ledger_.knows_loss()) loss = ledger_.standing().cost.loss;
    Decision decision;
    decision.known = loss ? 1 : 0;
    decision.loss = loss.value_or(0);
    if (tolerance_.is_due(i)) {
      if (!loss) {
        decision.walk = 1;
      } else if (tolerance_.is_met(std::sqrt(2 * *loss))) {
        decision.stop = stop_code(*loss == 0 ? StopReason::exact : StopReason::tolerance);
      }
    }
    if (clock_.seconds() >= options_.max_seconds) decision.stop = stop_code(StopReason::max_seconds);
    return decision;
  }
  static double stop_code(StopReason reason) { return 1 + static_cast<int>(reason); }
  void note_stop() {
    if (decision_.stop != 0) record_.stop_reason = static_cast<StopReason>(static_cast<int>(decision_.stop) - 1);
  }

  void walk_and_decide(Index i) {
    walk();
    if (is_root()) decision_ = decide(i, ledger_.standing().cost.loss);
    broadcast_decision();
  }

  /// One walk over V for the cost of the pair that stands.
  void walk() {
    const PhaseTimer timer(record_.phases.cost);
    note(sum_over(v_.comm(), sweep_.cost(h_.fixed(), w_)));
  }

  void note(const PanelCost& total) {
    ledger_.note(total);
    if (ledger_.standing().iteration == 0) tolerance_.begin(ledger_.standing().cost.reconstruction_error);
  }

  /// W first: what the last pair's row still lacks comes from this sweep.
  CostOf late_cost() const {
    const bool late = ledger_.is_traced(ledger_.standing().iteration) && !ledger_.is_complete();
    return late ? CostOf::pair_before : CostOf::nothing;
  }
  /// H first: what is known at once.
  bool is_cost_wanted(Index i) const {
    return ledger_.is_traced(i) || tolerance_.is_due(i) || i == options_.max_iterations;
  }
  bool is_over(Index i) const { return decision_.stop != 0 || i == options_.max_iterations; }
  bool is_root() const { return v_.comm().is_root(); }

  void report(Index i) const {
    if (!*on_iteration_) return;
    (*on_iteration_)(
        {i, options_.max_iterations, clock_.seconds(), ledger_.newest_loss(), ledger_.newest_loss_iteration()});
  }

  void count_since(const CommCounts::Kind& before) { counted_ += v_.comm().counts().total() - before; }
  void close_record() {
    record_.trace = ledger_.rows();
    record_.iterations = ledger_.standing().iteration;
    record_.zero_models = ledger_.zero_models();
    const Index iterations = std::max(record_.iterations, Index{1});
    record_.communication.bytes_per_iteration = counted_.bytes / iterations;
    record_.communication.messages_per_iteration = counted_.messages / iterations;
  }

  /// Every rank asks with the same bits, so every rank throws.
  void require_finite(bool finite) const {
    if (finite) return;
    BadData error("a factor overflowed after iteration " + std::to_string(ledger_.standing().iteration) +
                  (sizeof(T) == 4 ? ": use double precision, or rescale V" : ": rescale V or the start"));
    error.set_met();
    throw error;
  }

  const DataMatrix<T>& v_;
  const Options& options_;
  MatrixView<T> w_;
  SharedH<T>& h_;
  std::unique_ptr<PanelLoss<T>> loss_;
  const Rule<T>& rule_;
  HalfStep<T> half_step_;
  Matrix<T> state_;  // of the rule, one row a row of W
  Sweep<T> sweep_;
  Sums<T> sums_;
  std::optional<Pipeline<T>> pipeline_;
  ToleranceRule tolerance_;
  Ledger ledger_;
  RunRecord record_;
  Decision decision_;
  Clock clock_;
  bool has_swept_cost_ = false;
  CommCounts::Kind counted_;
  const std::function<void(const Progress&)>* on_iteration_ = nullptr;
};

}  // namespace

template <class T>
RunRecord factorize(const DataMatrix<T>& v, const Options& options, MatrixView<T> w, SharedH<T>& h,
                    const std::function<void(const Progress&)>& on_iteration) {
  const Chunks chunks = chunks_for(v.columns(), options.components, sizeof(T), v.comm().size(),
                                   find_rule<T>(options.rule).is_costly);
  std::optional<Solver<T>> solver;
  v.comm().meet([&] { solver.emplace(v, options, w, h, chunks); });  // its memory may not be there
  return solver->run(on_iteration);
}

template <class T>
RunRecord factorize_in_chunks(const DataMatrix<T>& v, const Options& options, MatrixView<T> w, SharedH<T>& h,
                              const Chunks& chunks) {
  std::optional<Solver<T>> solver;
  v.comm().meet([&] { solver.emplace(v, options, w, h, chunks); });
  return solver->run({});
}

template RunRecord factorize(const DataMatrix<float>&, const Options&, MatrixView<float>, SharedH<float>&,
                             const std::function<void(const Progress&)>&);
template RunRecord factorize(const DataMatrix<double>&, const Options&, MatrixView<double>, SharedH<double>&,
                             const std::function<void(const Progress&)>&);

template RunRecord factorize_in_chunks(const DataMatrix<float>&, const Options&, MatrixView<float>,
                                       SharedH<float>&, const Chunks&);
template RunRecord factorize_in_chunks(const DataMatrix<double>&, const Options&, MatrixView<double>,
                                       SharedH<double>&, const Chunks&);

RuleSettings settings_for_w(const Options& options) {
  const double beta = options.loss.beta;
  return {multiplicative_exponent(beta), beta < 1 ? options.zero_below : 0};
}
RuleSettings settings_for_h(const Options& options) {
  const double beta = options.loss.beta;
  return {multiplicative_exponent(beta), beta <= 1 ? options.zero_below : 0};
}

}  // namespace mpinmf
