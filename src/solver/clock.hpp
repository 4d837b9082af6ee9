// Wall clock.
#pragma once

#include <chrono>

namespace mpinmf {

class Clock {
 public:
  double seconds() const { return std::chrono::duration<double>(Monotonic::now() - start_).count(); }

 private:
  using Monotonic = std::chrono::steady_clock;
  Monotonic::time_point start_ = Monotonic::now();
};

/// Adds its lifetime to a phase.
class PhaseTimer {
 public:
  explicit PhaseTimer(double& seconds) : seconds_(seconds) {}
  ~PhaseTimer() { seconds_ += clock_.seconds(); }
  PhaseTimer(const PhaseTimer&) = delete;
  PhaseTimer& operator=(const PhaseTimer&) = delete;

 private:
  double& seconds_;
  Clock clock_;
};

}  // namespace mpinmf
