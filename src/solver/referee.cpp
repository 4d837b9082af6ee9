#include "referee.hpp"

#include <cmath>

namespace mpinmf {
namespace {

double stop_code(StopReason reason) {
  return 1 + static_cast<int>(reason);
}
double met_code(double loss) {
  return stop_code(loss == 0 ? StopReason::exact : StopReason::tolerance);
}

}  // namespace

void Referee::begin(const Cost& cost) {
  if (tolerance_.needs_loss()) {
    tolerance_.begin(stop_ == Stop::loss ? cost.loss + cost.penalty : cost.reconstruction_error);
  }
}

void Referee::hear(const Requests& requests) {
  requested_ = {requested_.stop || requests.stop, requested_.save || requests.save};
}

void Referee::judge(Index i, const Standing& standing, double seconds_used, Decision& decision) {
  decision.known = standing.loss ? 1 : 0;
  decision.loss = standing.loss.value_or(0);
  decision.walk = 0;
  // where the pair before stands again, no step has been made that could be judged
  const bool has_moved = stop_ != Stop::gain || decision.go_back == 0;
  if (tolerance_.is_due(i) && decision.revive == 0 && has_moved) {
    const std::optional<double> measure = this->measure(standing);
    decision.walk = measure ? 0 : 1;
    if (measure && tolerance_.is_met(*measure)) decision.stop = met_code(standing.loss.value_or(Cost::unknown));
  }
  if (seconds_used >= max_seconds_) decision.stop = stop_code(StopReason::max_seconds);
  if (std::exchange(requested_.stop, false)) decision.stop = stop_code(StopReason::request);
}

/// What the tolerance is held against, as far as it is known.
std::optional<double> Referee::measure(const Standing& standing) {
  switch (stop_) {
    case Stop::scikit_learn_cd: return standing.violation;
    case Stop::gain: return standing.violation / standing.scale;
    case Stop::projected_gradient: return std::exchange(gradient_, std::nullopt);
    case Stop::loss:
      if (standing.loss) return *standing.loss + standing.penalty;
      break;
    case Stop::scikit_learn_mu:
      if (standing.loss) return std::sqrt(2 * *standing.loss);
      break;
  }
  return {};
}

double Referee::stop_of_past(double loss) {
  return tolerance_.was_met() ? met_code(loss) : 0;
}

}  // namespace mpinmf
