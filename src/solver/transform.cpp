#include "transform.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "data/walk.hpp"
#include "row_newton.hpp"
#include "settings.hpp"
#include "sweep.hpp"

namespace mpinmf {
namespace {

using StoredEntry = std::pair<Index, double>;

/// H in double: itself, or a copy in `own`.
ConstMatrixView<double> in_double(ConstMatrixView<double> ht, Matrix<double>&) {
  return ht;
}
ConstMatrixView<double> in_double(ConstMatrixView<float> ht, Matrix<double>& own) {
  own = Matrix<double>::padded(ht.rows(), ht.columns());
  for (Index j = 0; j < ht.rows(); ++j) std::copy_n(ht.row(j), ht.columns(), own.row(j));
  return std::as_const(own).view();
}

/// What is known of a row of V, zeros that are not stored among it, given all that is stored; for a V that has
/// unknown entries.
void keep_known(Index columns, std::vector<StoredEntry>& stored, std::vector<StoredEntry>& known) {
  known.clear();
  auto next = stored.begin();
  for (Index j = 0; j < columns; ++j) {
    const bool is_stored = next != stored.end() && next->first == j;
    const double value = is_stored ? (next++)->second : 0;
    if (value == value) known.emplace_back(j, value);
  }
  std::swap(stored, known);
}

}  // namespace

template <class T>
TransformRecord solve_w_exactly(const DataMatrix<T>& v, const ResolvedOptions& options, const FixedH<T>& h,
                                ConstMatrixView<double> gram, MatrixView<T> w) {
  const auto loss = make_loss<T>(options.loss);
  const Rule<T>& rule = default_rule<T>(DefaultFor::exact_half_steps);
  HalfStep<T> half_step;
  begin_half_step(rule, settings_for_w(v, options), gram, half_step);
  Sweep<T> sweep(v, *loss, options.components, options.threads.threads);
  sweep.use(rule);
  sweep.move({half_step, {}}, h, {w, {}});
  return {1, StopReason::exact, 0, {}};
}

template <class T>
double bytes_of_solving_by_rows(const Loss& loss, bool has_gaps, const PanelSizes& sizes, Index components,
                                int threads) {
  const double copy = sizeof(T) == sizeof(double) ? 0 : padded_bytes<double>(sizes.columns, components);
  const LossFacts facts = facts_of(loss);
  PanelSizes rows = sizes;
  if (facts.is_filled) rows.longest_row = sizes.columns;
  const double entries = plain_bytes<StoredEntry>(facts.is_filled ? 2 : 1, rows.longest_row);
  const bool gathers = facts.is_filled || RowNewton::gathers(facts.beta.value(), facts.is_observed, has_gaps);
  return copy + threads * (entries + RowNewton::bytes(gathers, rows, components));
}
template double bytes_of_solving_by_rows<float>(const Loss&, bool, const PanelSizes&, Index, int);
template double bytes_of_solving_by_rows<double>(const Loss&, bool, const PanelSizes&, Index, int);

template <class T>
TransformRecord solve_w_by_rows(const DataMatrix<T>& v, const ResolvedOptions& options, ConstMatrixView<T> ht,
                                bool has_start, MatrixView<T> w) {
  Matrix<double> copy;
  const RowProblem problem{facts_of(options.loss).beta.value(), settings_for_w(v, options), in_double(ht, copy),
                           options.tolerance, facts_of(options.loss).is_observed || v.has_unknown()};
  const auto threads = options.threads.threads;
  const Walk<T> walk(v, row_ranges(v, options.components, threads));
  struct Worker {
    std::unique_ptr<RowNewton> newton;
    std::vector<StoredEntry> entries, known;
    TransformRecord record;
  };
  const Index longest_row = v.has_unknown() ? v.columns() : v.longest_row();
  std::vector<Worker> workers(static_cast<std::size_t>(threads));
  for (Worker& worker : workers) {
    worker.newton = std::make_unique<RowNewton>(problem, v.has_gaps() || v.has_unknown(), longest_row);
    worker.entries.reserve(static_cast<std::size_t>(longest_row));
    if (v.has_unknown()) worker.known.reserve(static_cast<std::size_t>(longest_row));
  }
  walk.each([&](int thread, const ThreadRanges::Range& rows) {
    Worker& worker = workers[static_cast<std::size_t>(thread)];
    const RowPanel<T> tile = walk.read(rows);
    for (Index i = 0; i < rows.count; ++i) {
      v.read_row(tile, i, worker.entries);
      if (v.has_unknown()) keep_known(v.columns(), worker.entries, worker.known);
      const RowOutcome row = worker.newton->solve(worker.entries, has_start, w.row(rows.first + i));
      worker.record.iterations = std::max(worker.record.iterations, row.steps);
      worker.record.unconverged += row.converged ? 0 : 1;
    }
  });
  TransformRecord all;
  for (const Worker& worker : workers) {
    all.iterations = std::max(all.iterations, worker.record.iterations);
    all.unconverged += worker.record.unconverged;
  }
  if (problem.settings.sum_to_one) all = {1, StopReason::exact, 0, {}};
  if (all.unconverged > 0) all.stop_reason = StopReason::max_iterations;
  return all;
}

template TransformRecord solve_w_exactly(const DataMatrix<float>&, const ResolvedOptions&, const FixedH<float>&,
                                         ConstMatrixView<double>, MatrixView<float>);
template TransformRecord solve_w_exactly(const DataMatrix<double>&, const ResolvedOptions&, const FixedH<double>&,
                                         ConstMatrixView<double>, MatrixView<double>);
template TransformRecord solve_w_by_rows(const DataMatrix<float>&, const ResolvedOptions&, ConstMatrixView<float>,
                                         bool, MatrixView<float>);
template TransformRecord solve_w_by_rows(const DataMatrix<double>&, const ResolvedOptions&,
                                         ConstMatrixView<double>, bool, MatrixView<double>);

}  // namespace mpinmf
