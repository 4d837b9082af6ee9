// A norm that does not overflow.
#pragma once

#include "mpinmf/comm.hpp"

namespace mpinmf {

/// The Euclidean norm of numbers whose squares may leave the range of numbers: largest (sum of (x /
/// largest)^2)^(1/2).
class Norm2 {
 public:
  void see(double x);
  void see(const Norm2& other);
  double value() const;
  /// Of the numbers of all ranks. Collective.
  void sum_over(const Comm& comm);

 private:
  void raise(double largest);

  double largest_ = 0, sum_ = 0;
};

}  // namespace mpinmf
