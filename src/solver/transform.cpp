#include "transform.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "settings.hpp"
#include "stopping.hpp"
#include "sweep.hpp"

namespace mpinmf {
namespace {

/// What is the same for every panel.
template <class T>
struct WProblem {
  const Options& options;
  const PanelLoss<T>& loss;
  const Rule<T>& rule;
  const HalfStep<T>& half_step;
  const FixedH<T>& h;
};

template <class T>
struct ThreadScratch {
  PanelScratch<T> panel;
  RuleScratch<T> rule;
};

/// Iterates the rows of W of one panel until it stops.
template <class T>
void solve_panel(const WProblem<T>& problem, const PanelRows<T>& rows, ThreadScratch<T>& thread,
                 TransformRecord& record) {
  PanelScratch<T>& scratch = thread.panel;
  if (problem.rule.is_exact) {
    if (problem.options.max_iterations == 0) {
      record.stop_reason = StopReason::max_iterations;
      return;
    }
    const Statistics<T> statistics = problem.loss.gather_w(rows, problem.h, scratch, nullptr);
    problem.rule.move(problem.half_step, statistics, thread.rule, {rows.w, {}});
    record = {1, StopReason::exact, {}};
    return;
  }
  ToleranceRule tolerance(Stop::scikit_learn_mu, problem.options.tolerance);
  for (Index i = 0;; ++i) {
    const bool check = (i == 0 && problem.options.tolerance > 0) || tolerance.is_due(i);
    PanelCost cost;
    const Statistics<T> statistics =
        problem.loss.gather_w(rows, problem.h, scratch, check ? &cost : nullptr, i > 0);
    const double error = std::sqrt(2 * cost.loss);
    if (check && i == 0) tolerance.begin(error);
    if (check && i > 0 && tolerance.is_met(error)) return;
    if (i == problem.options.max_iterations) {
      record.stop_reason = StopReason::max_iterations;
      return;
    }
    problem.rule.move(problem.half_step, statistics, thread.rule, {rows.w, {}});
    record.iterations = std::max(record.iterations, i + 1);
  }
}

}  // namespace

template <class T>
TransformRecord solve_w(const DataMatrix<T>& v, const Options& options, const FixedH<T>& h,
                        ConstMatrixView<double> gram, MatrixView<T> w) {
  const auto loss = make_loss<T>(options.loss);
  const Rule<T>& rule = find_rule<T>(loss->shape() == StatisticsShape::gram ? "anls-bpp" : "mu");
  HalfStep<T> half_step;
  begin_half_step(rule, settings_for_w(v, options),
                  loss->shape() == StatisticsShape::gram ? gram : ConstMatrixView<double>(), half_step);
  const WProblem<T> problem{options, *loss, rule, half_step, h};
  const int threads = std::max(1, options.threads);
  const Index rows = v.partition().panel_height();
  std::vector<ThreadScratch<T>> scratch(static_cast<std::size_t>(threads));
  for (auto& own : scratch) {
    own.panel = make_scratch(v, *loss, options.components, rows);
    own.rule = make_rule_scratch(rule, rows, options.components);
  }
  std::vector<TransformRecord> records(scratch.size());
#pragma omp parallel for num_threads(threads) schedule(static, 1)
  for (int thread = 0; thread < threads; ++thread) {
    const auto mine = static_cast<std::size_t>(thread);
    for (Index p = thread; p < v.panels(); p += threads) {
      const auto [first, count] = v.panel_rows(p);
      solve_panel(problem, rows_with_factor(v, first, count, w), scratch[mine], records[mine]);
    }
  }
  TransformRecord all;
  for (const TransformRecord& record : records) {
    all.iterations = std::max(all.iterations, record.iterations);
    if (record.stop_reason != StopReason::tolerance) all.stop_reason = record.stop_reason;
  }
  return all;
}

template TransformRecord solve_w(const DataMatrix<float>&, const Options&, const FixedH<float>&,
                                 ConstMatrixView<double>, MatrixView<float>);
template TransformRecord solve_w(const DataMatrix<double>&, const Options&, const FixedH<double>&,
                                 ConstMatrixView<double>, MatrixView<double>);

}  // namespace mpinmf
