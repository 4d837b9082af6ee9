// When to stop.
#pragma once

#include <cmath>

#include "mpinmf/options.hpp"
#include "mpinmf/trace.hpp"
#include "state_tape.hpp"

namespace mpinmf {

/// The tolerance is checked every so many iterations; for scikit_learn_cd and gain, after each one.
inline constexpr Index check_every = 10;
/// Plateaus pass: the predicted gain must stay small in so many iterations in a row.
inline constexpr Index gains_in_a_row = 3;

/// Follows one measure, which Stop names: what is minimised, sqrt(2 D), the violations of an iteration, the norm
/// of the projected gradient, or the gain that is predicted.
class ToleranceRule {
 public:
  ToleranceRule(Stop stop, double tolerance) : stop_(stop), tolerance_(tolerance) {}

  bool is_due(Index iteration) const {
    const bool is_each = stop_ == Stop::scikit_learn_cd || stop_ == Stop::gain;
    return tolerance_ > 0 && iteration > 0 && (is_each || iteration % check_every == 0);
  }
  bool needs_loss() const { return stop_ == Stop::loss || stop_ == Stop::scikit_learn_mu; }
  /// Of each pair, as a scale.
  bool needs_every_loss() const { return tolerance_ > 0 && stop_ == Stop::gain; }
  bool needs_gradient() const { return tolerance_ > 0 && stop_ == Stop::projected_gradient; }

  /// Takes the measure at the start.
  void begin(double measure) { first_ = previous_ = measure; }
  /// Takes the measure at an iteration that is due; one that was never begun begins here.
  bool is_met(double measure) {
    if (stop_ == Stop::gain) small_gains_ = measure <= tolerance_ ? small_gains_ + 1 : 0;
    const bool met = (measure == 0 && stop_ != Stop::gain) || (!std::isnan(first_) && is_below(measure));
    met_ = met ? tolerance_ : 0;
    if (std::isnan(first_)) first_ = measure;
    previous_ = measure;
    return met;
  }

  /// After a state was read: whether the fit had ended there, by a tolerance that was not above this one.
  bool was_met() {
    const bool met = met_ > 0 && met_ <= tolerance_;
    met_ = 0;
    return met;
  }

  void pass(StateTape& tape) {
    for (double* number : {&first_, &previous_, &met_}) tape.pass(*number);
    tape.pass(small_gains_);
  }

 private:
  bool is_below(double measure) const {
    switch (stop_) {
      case Stop::loss: return previous_ - measure < tolerance_ * previous_;
      case Stop::scikit_learn_mu: return previous_ - measure < tolerance_ * first_;
      case Stop::gain: return small_gains_ >= gains_in_a_row;
      case Stop::scikit_learn_cd:
      case Stop::projected_gradient: break;
    }
    return measure <= tolerance_ * first_;
  }

  Stop stop_;
  double tolerance_;
  double first_ = Cost::unknown, previous_ = Cost::unknown;
  double met_ = 0;         // the tolerance that the last measure met
  Index small_gains_ = 0;  // in a row, so far
};

}  // namespace mpinmf
