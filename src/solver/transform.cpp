#include "transform.hpp"

#include <algorithm>
#include <cmath>

#include "solver.hpp"
#include "stopping.hpp"
#include "sweep.hpp"

namespace mpinmf {

template <class T>
TransformRecord solve_w(const DataMatrix<T>& v, const Options& options, const FixedH<T>& h, MatrixView<T> w) {
  const auto loss = make_loss<T>(options.loss);
  const Rule<T> rule = find_rule<T>(options.rule);
  const RuleSettings settings = settings_for_w(options);
  PanelScratch<T> scratch = make_scratch(v, *loss, options.components);
  TransformRecord record;
  for (Index p = 0; p < v.panels(); ++p) {
    const PanelRows<T> rows = panel_with_rows(v, p, w);
    ToleranceRule tolerance(options.tolerance);
    for (Index i = 0;; ++i) {
      const bool check = (i == 0 && options.tolerance > 0) || tolerance.is_due(i);
      PanelCost cost;
      const Statistics<T> statistics = loss->gather_w(rows, h, scratch, check ? &cost : nullptr, i > 0);
      const double error = std::sqrt(2 * cost.loss);
      if (check && i == 0) tolerance.begin(error);
      if (check && i > 0 && tolerance.is_met(error)) break;
      if (i == options.max_iterations) {
        record.stop_reason = StopReason::max_iterations;
        break;
      }
      rule(statistics, settings, scratch.product.view().middle_rows(0, rows.w.rows()), rows.w);
      record.iterations = std::max(record.iterations, i + 1);
    }
  }
  return record;
}

template TransformRecord solve_w(const DataMatrix<float>&, const Options&, const FixedH<float>&,
                                 MatrixView<float>);
template TransformRecord solve_w(const DataMatrix<double>&, const Options&, const FixedH<double>&,
                                 MatrixView<double>);

}  // namespace mpinmf
