#include "active_set.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace mpinmf {
namespace {

class ActiveSet {
 public:
  ActiveSet(const ActiveSetProblem& problem, std::span<const double> b, std::span<double> x, double* numbers,
            Index* places)
      : problem_(problem), b_(b), x_(x), k_(problem.gram.rows()), passive_(places), factor_(numbers) {
    assert(static_cast<Index>(b.size()) == k_ && static_cast<Index>(x.size()) == k_);
    direction_ = factor_ + k_ * k_;
    gradient_ = direction_ + k_;
    inverse_ = gradient_ + k_;
  }

  void minimise() {
    std::fill(x_.begin(), x_.end(), 0.0);
    const Index most_steps = 10 * k_;
    Index steps = 0;
    while (steps < most_steps && take_most_wanted()) {
      while (size_ > 0 && steps++ < most_steps && step()) {
      }
    }
  }

 private:
  double& factor(Index i, Index j) { return factor_[i * k_ + j]; }
  double gram(Index i, Index j) const { return problem_.gram(passive_[i], passive_[j]); }
  double& x(Index i) { return x_[static_cast<std::size_t>(passive_[i])]; }

  /// Of the components at 0 that x would gain from, the one with the steepest descent in units of its curvature
  /// joins the passive set.
  bool take_most_wanted() {
    Index best = -1;
    double steepest = 0;
    for (Index c = 0; c < k_; ++c) {
      const auto at = static_cast<std::size_t>(c);
      double model = 0;
      for (Index j = 0; j < k_; ++j) model += problem_.gram(c, j) * x_[static_cast<std::size_t>(j)];
      gradient_[c] = model - b_[at];
      const double curvature = problem_.gram(c, c), allowed = problem_.least_share * (model + std::fabs(b_[at]));
      if (std::find(passive_, passive_ + size_, c) != passive_ + size_) continue;
      if (!(curvature > problem_.least_pivot) || !(gradient_[c] < -allowed)) continue;
      const double slope = gradient_[c] / std::sqrt(curvature);
      if (slope < steepest) {
        steepest = slope;
        best = c;
      }
    }
    if (best >= 0) passive_[size_++] = best;
    return best >= 0;
  }

  /// LDL' of G on the passive set, in the order of joining. Returns the first component whose pivot is lost, or
  /// the size of the set.
  Index factorize() {
    for (Index i = 0; i < size_; ++i) {
      for (Index j = 0; j <= i; ++j) {
        double sum = gram(i, j);
        for (Index q = 0; q < j; ++q) sum -= factor(i, q) * factor(j, q) * inverse_[q];
        factor(i, j) = sum;
      }
      const double pivot = factor(i, i);
      if (!(pivot > problem_.least_share * gram(i, i)) || !(pivot > problem_.least_pivot)) return i;
      inverse_[i] = 1 / pivot;
    }
    return size_;
  }

  /// direction <- G^-1 direction on the first `count` components of the set
  void solve(Index count) {
    for (Index i = 0; i < count; ++i) {
      for (Index q = 0; q < i; ++q) direction_[i] -= factor(i, q) * direction_[q] * inverse_[q];
    }
    for (Index i = count - 1; i >= 0; --i) {
      for (Index q = i + 1; q < count; ++q) direction_[i] -= factor(q, i) * direction_[q];
      direction_[i] *= inverse_[i];
    }
  }

  /// To the minimiser on the passive set, or along a direction without curvature. Returns the longest step.
  double aim() {
    const Index lost = factorize();
    std::fill(direction_, direction_ + size_, 0.0);
    if (lost == size_) {
      for (Index i = 0; i < size_; ++i) direction_[i] = b_[static_cast<std::size_t>(passive_[i])];
      solve(size_);
      for (Index i = 0; i < size_; ++i) direction_[i] -= x(i);
      return 1;
    }
    for (Index i = 0; i < lost; ++i) direction_[i] = -gram(lost, i);
    solve(lost);
    direction_[lost] = 1;
    return std::numeric_limits<double>::infinity();
  }

  /// Goes as far as x >= 0 allows. Components that get to 0 leave the passive set. Returns whether any did.
  bool step() {
    double length = aim();
    Index blocking = -1;
    for (Index i = 0; i < size_; ++i) {
      if (!(direction_[i] < 0) || !(x(i) < -direction_[i] * length)) continue;
      length = x(i) / -direction_[i];
      blocking = i;
    }
    if (std::isinf(length)) {  // no minimum: b is not in the range of G. The component that joined last stays at 0
      --size_;
      return false;
    }
    for (Index i = 0; i < size_; ++i) x(i) = std::max(0.0, x(i) + length * direction_[i]);
    if (blocking < 0) return false;
    x(blocking) = 0;
    const auto left =
        std::remove_if(passive_, passive_ + size_, [&](Index c) { return x_[static_cast<std::size_t>(c)] == 0; });
    size_ = left - passive_;
    return true;
  }

  const ActiveSetProblem& problem_;
  std::span<const double> b_;
  std::span<double> x_;
  Index k_, size_ = 0;
  Index* passive_;
  double *factor_, *direction_ = nullptr, *gradient_ = nullptr, *inverse_ = nullptr;
};

}  // namespace

void minimise_by_active_set(const ActiveSetProblem& problem, std::span<const double> b, std::span<double> x,
                            double* numbers, Index* places) {
  ActiveSet(problem, b, x, numbers, places).minimise();
}

}  // namespace mpinmf
