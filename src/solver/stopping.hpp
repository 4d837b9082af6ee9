// When to stop.
#pragma once

#include "mpinmf/options.hpp"
#include "mpinmf/trace.hpp"

namespace mpinmf {

/// The tolerance is looked at every so many iterations (scikit-learn's rule for mu).
inline constexpr Index check_every = 10;

/// scikit-learn's rule for mu: every 10 iterations, stop when the error fell since the last check by less than
/// tolerance x (error at the start). The error is sqrt(2 D).
class ToleranceRule {
 public:
  explicit ToleranceRule(double tolerance) : tolerance_(tolerance) {}

  bool is_due(Index iteration) const { return tolerance_ > 0 && iteration > 0 && iteration % check_every == 0; }
  /// Takes sqrt(2 D) at the start.
  void begin(double error) { first_ = previous_ = error; }
  /// @pre is_due, begin was called
  bool is_met(double error) {
    const bool met = error == 0 || (previous_ - error) < tolerance_ * first_;
    previous_ = error;
    return met;
  }

 private:
  double tolerance_;
  double first_ = 0, previous_ = 0;
};

}  // namespace mpinmf
