// The one place that knows how a sweep and an iteration of the library are called.
#pragma once

#include <vector>

#include "factors.hpp"
#include "solver/factorize.hpp"
#include "solver/settings.hpp"
#include "solver/sweep.hpp"
#include "timing.hpp"

namespace mpinmf::bench {

/// Iterations in a row.
struct TimedIterations {
  std::vector<double> seconds;  ///< of each on the slowest rank, but for the first and the last
  Index count = 0;              ///< of all
  PhaseSeconds phases;          ///< of all, on this rank
};

/// V with factors as they are in the middle of a run.
template <class T>
class SweepTimer {
 public:
  /// @pre options.threads is the number of threads, not 0. Collective.
  SweepTimer(const DataMatrix<T>& v, const Options& options)
      : v_(v),
        options_(resolved_for(v, options)),
        loss_(make_loss<T>(options.loss, asked_by(options_.rule<T>(), facts_of(options.loss).offers))),
        factors_(some_iterations(v, options)),
        sweep_(v, *loss_, options.components, options.threads, loss_->layout()),
        sums_(sweep_.make_sums()),
        rule_(options_.rule<T>()) {
    sweep_.use(rule_);
    if (rule_.state_columns != nullptr) {
      state_ = Matrix<T>::padded(factors_.w.rows(), rule_.state_columns(options_.components));
    }
    options_.tolerance = 0;
  }

  /// One walk over V: W moves, H stays. No communication.
  void sweep() {
    sums_.clear();
    const SharedH<T>& h = factors_.h;
    const bool has_gram = loss_->statistics().has(Statistic::gram);
    begin_half_step(rule_, settings_for_w(v_, options_), has_gram ? h.gram() : ConstMatrixView<double>(),
                    half_step_);
    sweep_.move_and_gather({half_step_, {}}, h.fixed(), {factors_.w.view(), state_.view()}, sums_,
                           CostOf::nothing);
  }
  /// The same walk with all its sums, but W stays.
  void still_sweep() {
    sums_.clear();
    sweep_.gather(factors_.h.fixed(), factors_.w.view(), sums_, CostOf::nothing);
  }

  /// `count` whole iterations, and one before and one after them, which compute the cost. Collective.
  TimedIterations iterations(int count) {
    options_.max_iterations = count + 2;
    options_.trace_every = options_.max_iterations;
    std::vector<double> ends;
    ends.reserve(static_cast<std::size_t>(options_.max_iterations));
    const Clock clock;
    FitHooks<T> hooks;
    hooks.on_iteration = [&](const Progress&) { ends.push_back(clock.seconds()); };
    const RunRecord record = factorize<T>(v_, options_, factors_.w.view(), factors_.h, hooks);
    TimedIterations timed;
    for (std::size_t i = 1; i + 1 < ends.size(); ++i) timed.seconds.push_back(ends[i] - ends[i - 1]);
    v_.comm().max(timed.seconds);
    timed.count = record.iterations;
    timed.phases = record.phases;
    return timed;
  }

  /// Brings half of the components in every other row of W and every other column of H to denormal numbers (1e-310
  /// double, 1e-42 float times what they are), as entries are that have decayed for long.
  void decay() {
    constexpr double share = sizeof(T) == 8 ? 1e-310 : 1e-42;
    const auto shrink = [&](T* row) {
      for (Index c = 0; c < options_.components; c += 2)
        row[c] = static_cast<T>(static_cast<double>(row[c]) * share);
    };
    for (Index i = v_.first_row() % 2; i < factors_.w.rows(); i += 2) shrink(factors_.w.row(i));
    for (Index j = 0; j < v_.columns(); j += 2) shrink(factors_.h.ht().row(j));
    factors_.h.refresh();
  }

  ConstMatrixView<T> w() const { return factors_.w.view(); }
  /// H transposed; sparse columns may have another order than those of V.
  ConstMatrixView<T> ht() const { return factors_.h.ht(); }

 private:
  static Factors<T> some_iterations(const DataMatrix<T>& v, Options options) {
    options.tolerance = 0;
    options.max_iterations = 3;
    Nmf<T> model(options);
    model.fit(v);
    return {v, model, options.threads};
  }

  const DataMatrix<T>& v_;
  ResolvedOptions options_;
  std::unique_ptr<PanelLoss<T>> loss_;
  Factors<T> factors_;
  Sweep<T> sweep_;
  Sums<T> sums_;
  const Rule<T>& rule_;
  HalfStep<T> half_step_;
  Matrix<T> state_;
};

}  // namespace mpinmf::bench
