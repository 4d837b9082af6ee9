#include "w_mover.hpp"

#include "clock.hpp"
#include "revival.hpp"

namespace mpinmf {

template <class T>
WMover<T>::WMover(const Problem<T>& problem, MatrixView<T> w, Sweep<T>& sweep)
    : problem_(problem),
      w_(w),
      sweep_(sweep),
      sums_(sweep.make_sums(problem.has_cross_gram())),
      settings_(settings_for_w(problem.v, problem.options)) {
  if (problem.rule.state_columns != nullptr) {
    state_ = Matrix<T>::padded(w.rows(), problem.rule.state_columns(w.columns()));
  }
}

template <class T>
double WMover<T>::bytes(const Rule<T>& rule, StatisticsSet statistics, Index rows, Index components) {
  return rule_state_bytes(rule, rows, components) +
         (statistics.has(Statistic::gram) ? half_step_bytes(rule, components) : 0);
}

template <class T>
void WMover<T>::begin_walk(CostOf cost) {
  sums_.clear();
  has_cost_ = cost != CostOf::nothing;
}

template <class T>
void WMover<T>::move(const SharedH<T>& h, const WStart<T>& start, CostOf cost, PhaseSeconds& seconds) {
  const PhaseTimer timer(seconds.sweep);
  seconds.walks += 1;
  begin_walk(cost);
  begin_half_step(problem_.rule, settings_, problem_.has_gram() ? h.gram() : ConstMatrixView<double>(),
                  half_step_);
  sweep_.move_and_gather({half_step_, start.previous, start.momentum, start.go_back}, h.fixed(),
                         {w_, state_.view()}, sums_, cost);
}

template <class T>
void WMover<T>::gather(const SharedH<T>& h, CostOf cost, PhaseSeconds& seconds) {
  const PhaseTimer timer(seconds.sweep);
  seconds.walks += cost == CostOf::nothing ? 0.5 : 1;
  begin_walk(cost);
  sweep_.gather(h.fixed(), w_, sums_, cost);
}

template <class T>
void WMover<T>::begin_anew(const std::vector<Index>& components) {
  // a state of one number a component, as ao-admm's dual; others are of the row
  if (state_.columns() == w_.columns()) clear_components<T>(components, state_.view());
}

template <class T>
void WMover<T>::add_views(FitState<T>& state) {
  const auto add = [&](const char* name, MatrixView<T> x) {
    if (x.columns() == 0) return;
    state.factors.push_back({name, problem_.v.rows_global(), x.columns(), {{problem_.v.first_row(), x}}});
  };
  add("w", w_);
  add("w_state", state_.view());
}

template class WMover<float>;
template class WMover<double>;

}  // namespace mpinmf
