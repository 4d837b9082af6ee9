#include "norm2.hpp"

#include <cmath>

namespace mpinmf {

void Norm2::raise(double largest) {
  if (!(largest > largest_)) return;
  const double share = largest_ / largest;
  sum_ *= share * share;
  largest_ = largest;
}
void Norm2::see(double x) {
  if (x == 0) return;
  raise(std::fabs(x));
  const double share = x / largest_;  // what is not a number stays so
  sum_ += share * share;
}
void Norm2::see(const Norm2& other) {
  if (other.sum_ == 0) return;
  raise(other.largest_);
  const double share = other.largest_ / largest_;
  sum_ += other.sum_ * share * share;
}
double Norm2::value() const {
  return largest_ * std::sqrt(sum_);
}
void Norm2::sum_over(const Comm& comm) {
  raise(comm.max(largest_));
  sum_ = comm.sum(sum_);
}

}  // namespace mpinmf
