#include "appraisal.hpp"

#include <cmath>
#include <string>

#include "clock.hpp"

namespace mpinmf {
namespace {

/// Every rank asks with the same bits, so every rank throws.
template <class T>
[[noreturn]] void refuse(const std::string& what, Index iteration) {
  BadData error(what + " after iteration " + std::to_string(iteration) +
                (sizeof(T) == 4 ? ": use double precision, or rescale V" : ": rescale V or the start"));
  error.set_met();
  throw error;
}

}  // namespace

template <class T>
Appraisal<T>::Appraisal(const Problem<T>& problem, const AppraisedParts<T>& parts, PhaseSeconds& seconds)
    : problem_(problem),
      w_(parts.w),
      h_mover_(parts.h_mover),
      pair_(parts.pair),
      exchange_(parts.exchange),
      seconds_(seconds),
      ledger_(problem.options.loss, problem.options.trace_every, problem.v.summary().sum_squares,
              problem.v.rows_global()) {}

template <class T>
void Appraisal<T>::require_finite(bool finite) const {
  if (!finite) refuse<T>("a factor overflowed", ledger_.standing().iteration);
}
template <class T>
double Appraisal<T>::finite_loss(double loss) const {
  if (!std::isfinite(loss)) refuse<T>("what is minimised is not a finite number", ledger_.standing().iteration);
  return loss;
}

template <class T>
void Appraisal<T>::note(const PanelCost& total) {
  finite_loss(total.loss);
  ledger_.note(total);
}

template <class T>
CostOf Appraisal<T>::wanted_cost(Index i, const ToleranceRule& tolerance) const {
  if (problem_.h_first()) {
    const bool is_wanted = ledger_.is_traced(i) || pair_.weighs_loss() || tolerance.needs_every_loss() ||
                           (tolerance.is_due(i) && tolerance.needs_loss()) || i == problem_.options.max_iterations;
    return is_wanted ? CostOf::pair_after : CostOf::nothing;
  }
  const Index before = ledger_.standing().iteration;
  const bool is_late = (ledger_.is_traced(before) || tolerance.needs_every_loss()) && !ledger_.is_complete();
  return is_late && pair_.is_seen_by_next_walk(before) ? CostOf::pair_before : CostOf::nothing;
}

template <class T>
Standing Appraisal<T>::new_pair(Index i) const {
  const PanelCost seen = w_.sums().total_cost();
  const FactorSums::Move moved = h().moved();
  const double penalty =
      problem_.h_first() ? ledger_.standing().cost.penalty : seen.penalty + moved.penalty;  // H first: it is noted
  return {known_loss(i), penalty, seen.violation + moved.violation, ledger_.newest_loss() + penalty};
}

template <class T>
std::optional<double> Appraisal<T>::known_loss(Index i) const {
  if (ledger_.standing().iteration == i && ledger_.knows_loss()) return ledger_.standing().cost.loss;
  if (!problem_.has_identity() || problem_.h_first()) return {};
  const double square = pair_.identity_square(w_.sums(), h());
  if (!(square >= trusted_share<T> * problem_.v.summary().sum_squares)) return {};
  return square / 2;
}

template <class T>
Standing Appraisal<T>::standing_pair() const {
  const Cost& cost = ledger_.standing().cost;
  return {ledger_.knows_loss() ? std::optional(cost.loss) : std::nullopt, cost.penalty, 0};
}

/// With W first the row of the pair before is still the standing one.
template <class T>
Standing Appraisal<T>::returned_pair() const {
  if (problem_.w_first()) return standing_pair();
  return {ledger_.before().loss, ledger_.before().penalty, 0};
}

template <class T>
void Appraisal<T>::walk() {
  const PhaseTimer timer(seconds_.cost);
  note(total_cost<T>(w_.sweep(), h().fixed(), w_.w()));
}

template <class T>
StationarityWalk<T> Appraisal<T>::walk_for(const std::function<bool()>& gives_up) {
  return {w_.settings(), h_mover_.settings(), w_.sweep(), w_.sums(), gives_up, exchange_.sums_for_review()};
}

template <class T>
PairReview Appraisal<T>::review_pair(bool asks_cost, const std::function<bool()>& gives_up) {
  const PhaseTimer timer(seconds_.cost);
  return review<T>(walk_for(gives_up), h(), w_.w(), asks_cost);
}

template <class T>
double Appraisal<T>::gradient_norm() {
  const PairStationarity pair = review_pair(false, {}).stationarity;
  return std::hypot(pair.w.projected.value(), pair.h.projected.value());
}

template <class T>
PairStationarity Appraisal<T>::complete(const std::function<bool()>& gives_up) {
  const bool is_late = !ledger_.is_complete();
  const PairReview pair = review_pair(is_late, gives_up);
  if (is_late) note(pair.cost);
  return pair.stationarity;
}

template <class T>
PairReview Appraisal<T>::solve_w(const std::function<bool()>& gives_up) {
  const PhaseTimer timer(seconds_.cost);
  const Comm& comm = problem_.v.comm();
  const Rule<T>& exact = default_rule<T>(DefaultFor::exact_half_steps);
  HalfStep<T> half_step;
  comm.meet([&] {
    begin_half_step(exact, settings_for_w(problem_.v, problem_.options), h().gram(), half_step);
    w_.sweep().use(exact, static_cast<Index>(problem_.options.fixed_w.size()));
  });
  PairReview pair = solve_and_review<T>(walk_for(gives_up), half_step, h(), w_.w());
  comm.meet([&] { w_.sweep().use(problem_.rule, static_cast<Index>(problem_.options.fixed_w.size())); });
  pair.cost.penalty += penalty_of<T>(h_mover_.settings(), h().ht());
  return pair;
}

template class Appraisal<float>;
template class Appraisal<double>;

}  // namespace mpinmf
