// Whether an iteration was the last one, and what must be known to tell.
#pragma once

#include <optional>
#include <utility>

#include "decision.hpp"
#include "mpinmf/fit_state.hpp"
#include "mpinmf/resolved_options.hpp"
#include "stopping.hpp"

namespace mpinmf {

/// What the root knows of the pair that stands.
struct Standing {
  std::optional<double> loss;  ///< D
  double penalty = 0;
  double violation = 0;          ///< what the rule returned in both half-steps (rules/rule.hpp)
  double scale = Cost::unknown;  ///< what is minimised, by the newest pair whose loss is known
};

/// Holds the pair that stands against the tolerance, the time and what was asked for.
class Referee {
 public:
  explicit Referee(const ResolvedOptions& options)
      : stop_(options.stop), max_seconds_(options.max_seconds), tolerance_(options.stop, options.tolerance) {}

  const ToleranceRule& tolerance() const { return tolerance_; }
  /// At the start: what the tolerance follows, of the first pair.
  void begin(const Cost& cost);
  void begin_gradient(double norm) { tolerance_.begin(norm); }
  /// What any rank was asked since the last judgement.
  void hear(const Requests& requests);
  /// The norm of the projected gradient of the pair that stands.
  void take_gradient(double norm) { gradient_ = norm; }

  /// On the root, after iteration i: whether to go on, stop, or walk over V for what the tolerance needs. Never
  /// stops on a late loss.
  void judge(Index i, const Standing& standing, double seconds_used, Decision& decision);
  /// Whether the state was asked for since the last question.
  bool is_asked_to_save() { return std::exchange(requested_.save, false); }

  /// After a state was read: Decision::stop of a run that had met the tolerance, and is over; all other limits may
  /// be new.
  double stop_of_past(double loss);
  static StopReason reason(const Decision& decision) {
    return static_cast<StopReason>(static_cast<int>(decision.stop) - 1);
  }

  void pass(StateTape& tape) { tolerance_.pass(tape); }

 private:
  std::optional<double> measure(const Standing& standing);

  Stop stop_;
  double max_seconds_;
  ToleranceRule tolerance_;
  std::optional<double> gradient_;
  Requests requested_;
};

}  // namespace mpinmf
