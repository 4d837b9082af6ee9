#include "transform.hpp"

#include <algorithm>
#include <memory>
#include <type_traits>
#include <vector>

#include "row_newton.hpp"
#include "settings.hpp"
#include "sweep.hpp"

namespace mpinmf {
namespace {

/// Calls work(thread, first row, number of rows) for the panels of this rank, which the threads take in turn.
template <class T, class F>
void for_panels(const DataMatrix<T>& v, int threads, F&& work) {
#pragma omp parallel for num_threads(threads) schedule(static, 1)
  for (int thread = 0; thread < threads; ++thread) {
    for (Index p = thread; p < v.panels(); p += threads) {
      const auto [first, count] = v.panel_rows(p);
      work(static_cast<std::size_t>(thread), first, count);
    }
  }
}

/// H in double: itself, or a copy in `own`.
ConstMatrixView<double> in_double(ConstMatrixView<double> ht, Matrix<double>&) {
  return ht;
}
ConstMatrixView<double> in_double(ConstMatrixView<float> ht, Matrix<double>& own) {
  own = Matrix<double>::padded(ht.rows(), ht.columns());
  for (Index j = 0; j < ht.rows(); ++j) std::copy_n(ht.row(j), ht.columns(), own.row(j));
  return std::as_const(own).view();
}

}  // namespace

template <class T>
TransformRecord solve_w_exactly(const DataMatrix<T>& v, const Options& options, const FixedH<T>& h,
                                ConstMatrixView<double> gram, MatrixView<T> w) {
  const auto loss = make_loss<T>(options.loss);
  const Rule<T>& rule = default_rule<T>(DefaultFor::exact_half_steps);
  HalfStep<T> half_step;
  begin_half_step(rule, settings_for_w(v, options), gram, half_step);
  const Index rows = v.partition().panel_height();
  std::vector<PanelScratch<T>> panels(static_cast<std::size_t>(std::max(1, options.threads)));
  std::vector<RuleScratch<T>> rules(panels.size());
  for (std::size_t thread = 0; thread < panels.size(); ++thread) {
    panels[thread] = make_scratch(v, *loss, options.components, rows);
    rules[thread] = make_rule_scratch(rule, rows, options.components);
  }
  for_panels(v, static_cast<int>(panels.size()), [&](std::size_t thread, Index first, Index count) {
    const PanelRows<T> panel = rows_with_factor(v, first, count, w);
    const Statistics<T> statistics = loss->gather_w(panel, h, panels[thread], nullptr);
    rule.move(half_step, statistics, rules[thread], {panel.w, {}});
  });
  return {1, StopReason::exact, 0, {}};
}

template <class T>
TransformRecord solve_w_by_rows(const DataMatrix<T>& v, const Options& options, ConstMatrixView<T> ht,
                                bool has_start, MatrixView<T> w) {
  Matrix<double> copy;
  const RowProblem problem{facts_of(options.loss).beta.value(), settings_for_w(v, options), in_double(ht, copy),
                           v.column_order(), options.tolerance};
  const auto threads = static_cast<std::size_t>(std::max(1, options.threads));
  std::vector<std::unique_ptr<RowNewton>> rows;
  for (std::size_t thread = 0; thread < threads; ++thread) {
    rows.push_back(std::make_unique<RowNewton>(problem, v.is_sparse(), v.longest_row()));
  }
  std::vector<TransformRecord> records(threads);
  for_panels(v, static_cast<int>(threads), [&](std::size_t thread, Index first, Index count) {
    const RowPanel<T> panel = v.rows(first, count);
    TransformRecord& record = records[thread];
    for (Index i = 0; i < count; ++i) {
      const RowOutcome row = rows[thread]->solve(panel, i, has_start, w.row(first + i));
      record.iterations = std::max(record.iterations, row.steps);
      record.unconverged += row.converged ? 0 : 1;
    }
  });
  TransformRecord all;
  for (const TransformRecord& record : records) {
    all.iterations = std::max(all.iterations, record.iterations);
    all.unconverged += record.unconverged;
  }
  if (all.unconverged > 0) all.stop_reason = StopReason::max_iterations;
  return all;
}

template TransformRecord solve_w_exactly(const DataMatrix<float>&, const Options&, const FixedH<float>&,
                                         ConstMatrixView<double>, MatrixView<float>);
template TransformRecord solve_w_exactly(const DataMatrix<double>&, const Options&, const FixedH<double>&,
                                         ConstMatrixView<double>, MatrixView<double>);
template TransformRecord solve_w_by_rows(const DataMatrix<float>&, const Options&, ConstMatrixView<float>, bool,
                                         MatrixView<float>);
template TransformRecord solve_w_by_rows(const DataMatrix<double>&, const Options&, ConstMatrixView<double>, bool,
                                         MatrixView<double>);

}  // namespace mpinmf
