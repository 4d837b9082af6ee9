// The one place that knows how a sweep and an iteration of the library are called.
#pragma once

#include <vector>

#include "data/column_order.hpp"
#include "mpinmf/nmf.hpp"
#include "solver/shared_h.hpp"
#include "solver/settings.hpp"
#include "solver/solver.hpp"
#include "solver/sweep.hpp"

namespace mpinmf::bench {

/// V with factors as they are in the middle of a run.
template <class T>
class SweepTimer {
 public:
  /// @pre options.threads is the number of threads, not 0. Collective.
  SweepTimer(const DataMatrix<T>& v, const Options& options)
      : v_(v),
        options_(options.with_choices()),
        loss_(make_loss<T>(options.loss)),
        h_(v.columns(), options.components, options.threads),
        w_(Matrix<T>::padded(v.rows_local(), options.components)),
        sweep_(v, *loss_, options.components, options.threads),
        sums_(sweep_.make_sums()),
        rule_(find_rule<T>(options_.rule)) {
    sweep_.use(rule_);
    if (rule_.state_columns != nullptr) state_ = Matrix<T>::padded(w_.rows(), rule_.state_columns(w_.columns()));
    options_.tolerance = 0;
    options_.max_iterations = iterations_before;
    Nmf<T> model(options_);
    model.fit(v);
    to_panel_order<T>(v.column_order(), model.ht(), h_.ht());
    for (Index i = 0; i < w_.rows(); ++i) std::copy_n(model.w().row(i), options.components, w_.row(i));
    h_.refresh();
  }

  /// One walk over V: W moves, H stays. No communication.
  void sweep() {
    sums_.clear();
    const bool has_gram = loss_->shape() == StatisticsShape::gram;
    begin_half_step(rule_, settings_for_w(v_, options_), has_gram ? h_.gram() : ConstMatrixView<double>(), half_step_);
    sweep_.move_and_gather({rule_, half_step_, {}}, h_.fixed(), {w_.view(), state_.view()}, sums_, CostOf::nothing);
  }

  /// Seconds of each of `count` whole iterations on the slowest rank, without the first and the last: these
  /// compute the cost. Collective.
  std::vector<double> iterations(int count) {
    options_.max_iterations = count + 2;
    options_.trace_every = options_.max_iterations;
    std::vector<double> ends;
    ends.reserve(static_cast<std::size_t>(options_.max_iterations));
    const Clock clock;
    factorize<T>(v_, options_, w_.view(), h_, [&](const Progress&) { ends.push_back(clock.seconds()); });
    std::vector<double> seconds;
    for (std::size_t i = 1; i + 1 < ends.size(); ++i) seconds.push_back(ends[i] - ends[i - 1]);
    v_.comm().max(seconds);
    return seconds;
  }

  /// Brings half of the components in every other row of W and every other column of H to denormal numbers (1e-310
  /// double, 1e-42 float times what they are), as entries are that have decayed for long.
  void decay() {
    constexpr double share = sizeof(T) == 8 ? 1e-310 : 1e-42;
    const auto shrink = [&](T* row) {
      for (Index c = 0; c < options_.components; c += 2)
        row[c] = static_cast<T>(static_cast<double>(row[c]) * share);
    };
    for (Index i = v_.first_row() % 2; i < w_.rows(); i += 2) shrink(w_.row(i));
    for (Index j = 0; j < v_.columns(); j += 2) shrink(h_.ht().row(j));
    h_.refresh();
  }

  ConstMatrixView<T> w() const { return w_.view(); }
  /// H transposed; sparse columns may have another order than those of V.
  ConstMatrixView<T> ht() const { return std::as_const(h_).ht(); }

 private:
  static constexpr Index iterations_before = 3;

  const DataMatrix<T>& v_;
  Options options_;
  std::unique_ptr<PanelLoss<T>> loss_;
  SharedH<T> h_;
  Matrix<T> w_;
  Sweep<T> sweep_;
  Sums<T> sums_;
  const Rule<T>& rule_;
  HalfStep<T> half_step_;
  Matrix<T> state_;
};

}  // namespace mpinmf::bench
