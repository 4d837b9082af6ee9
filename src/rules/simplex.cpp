#include "simplex.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace mpinmf {
namespace {

/// A secant on a line with kinks needs a handful; halving the bracket comes to neighbouring numbers within these.
constexpr int most_trials = 200;
/// By how much a sum may miss 1, which is then divided out.
constexpr double rounding_of_sum = 1e-13;

class Simplex {
 public:
  Simplex(const ActiveSetProblem& problem, std::span<const double> b, double* numbers, Index* places)
      : problem_(problem), b_(b), numbers_(numbers), places_(places) {
    const std::size_t k = b.size();
    double* const more = numbers + active_set_numbers(static_cast<Index>(k));
    shifted_ = {more, k};
    below_ = {more + k, k};
    above_ = {more + 2 * k, k};
  }

  void minimise(std::span<double> x) {
    if (!begin()) return share_out(x);
    for (int trial = 0; trial < most_trials && !is_found(); ++trial) narrow(trial, x);
    // both are minimisers, if not of the same t then of two between which nothing lies
    const double gap = excess_above_ - excess_below_, part = gap > 0 ? excess_above_ / gap : 0;
    double sum = 0;
    for (std::size_t c = 0; c < x.size(); ++c) sum += x[c] = part * below_[c] + (1 - part) * above_[c];
    for (double& entry : x) entry /= sum;
  }

 private:
  /// sum x - 1 of the minimiser for t, which is written to x.
  double solve(double t, std::span<double> x) {
    for (std::size_t c = 0; c < b_.size(); ++c) shifted_[c] = b_[c] + t;
    minimise_by_active_set(problem_, shifted_, x, numbers_, places_);
    return std::accumulate(x.begin(), x.end(), -1.0);
  }
  bool is_idle(std::size_t c) const {
    const auto at = static_cast<Index>(c);
    return !(problem_.gram(at, at) > problem_.least_pivot);
  }

  /// Brackets t. False where components without curvature take part.
  bool begin() {
    double step = 0;
    has_idle_ = false;
    for (std::size_t c = 0; c < b_.size(); ++c) {
      step = std::max(step, problem_.gram(static_cast<Index>(c), static_cast<Index>(c)));
      has_idle_ = has_idle_ || is_idle(c);
    }
    t_below_ = t_above_ = 0;
    excess_below_ = excess_above_ = solve(0, below_);
    std::copy(below_.begin(), below_.end(), above_.begin());
    if (excess_below_ < 0 && has_idle_) return false;
    for (int trial = 0; trial < most_trials && excess_above_ < 0; ++trial, step *= 2) {
      t_below_ = t_above_;
      excess_below_ = excess_above_;
      std::copy(above_.begin(), above_.end(), below_.begin());
      t_above_ += step;
      excess_above_ = solve(t_above_, above_);
    }
    for (int trial = 0; trial < most_trials && excess_below_ > 0; ++trial, step *= 2) {
      t_above_ = t_below_;
      excess_above_ = excess_below_;
      std::copy(below_.begin(), below_.end(), above_.begin());
      t_below_ -= step;
      excess_below_ = solve(t_below_, below_);
    }
    return true;
  }

  bool is_found() const {
    return std::fabs(excess_below_) <= rounding_of_sum || std::fabs(excess_above_) <= rounding_of_sum ||
           !(t_above_ > t_below_);
  }

  /// By the secant, and each second time in the middle, so that both ends move.
  void narrow(int trial, std::span<double> x) {
    const double share = trial % 2 == 0 ? -excess_below_ / (excess_above_ - excess_below_) : 0.5;
    const double t = t_below_ + share * (t_above_ - t_below_);
    const double excess = solve(t, x);
    if (excess <= 0) {
      if (t == t_below_) t_above_ = t;  // there is no number between
      t_below_ = t;
      excess_below_ = excess;
      std::copy(x.begin(), x.end(), below_.begin());
    } else {
      if (t == t_above_) t_below_ = t;
      t_above_ = t;
      excess_above_ = excess;
      std::copy(x.begin(), x.end(), above_.begin());
    }
  }

  /// What x lacks goes to the components without curvature alike.
  void share_out(std::span<double> x) {
    double idle = 0;
    for (std::size_t c = 0; c < x.size(); ++c) idle += is_idle(c) ? 1 : 0;
    for (std::size_t c = 0; c < x.size(); ++c) x[c] = is_idle(c) ? -excess_below_ / idle : below_[c];
  }

  const ActiveSetProblem& problem_;
  std::span<const double> b_;
  double* numbers_;
  Index* places_;
  std::span<double> shifted_, below_, above_;  ///< b + t; the minimisers at both ends of the bracket
  double t_below_ = 0, t_above_ = 0, excess_below_ = 0, excess_above_ = 0;
  bool has_idle_ = false;
};

}  // namespace

void minimise_on_simplex(const ActiveSetProblem& problem, std::span<const double> b, std::span<double> x,
                         double* numbers, Index* places) {
  Simplex(problem, b, numbers, places).minimise(x);
}

}  // namespace mpinmf
