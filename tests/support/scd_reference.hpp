// Kullback-Leibler by the rule scd, and beta-divergences by mu-newton, in plain loops over all of V, in double:
// what the program is held against.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "mpinmf/matrix.hpp"

/// l1 sum x + l2 / 2 sum x^2 of each factor.
struct ScdPenalties {
  double l1_w = 0, l2_w = 0, l1_h = 0, l2_h = 0;
};

/// Sums over the rows of V, with x = W H: p_jc = sum_i v_ij x_ij^(beta-2) w_ic, s_jc = sum_i x_ij^(beta-1) w_ic
/// and b_jc = sum_i ((2 - beta) v_ij x_ij^(beta-3) + (beta - 1) x_ij^(beta-2)) w_ic^2. An entry of V where x = 0
/// adds nothing, but to s for beta = 1.
struct ScdSums {
  mpinmf::Matrix<double> p, b, s;
};

class ScdReference {
 public:
  using Index = mpinmf::Index;
  using Factor = mpinmf::Matrix<double>;

  /// v is m x n, w is m x k, ht is n x k. H moves first, from their sums.
  ScdReference(const Factor& v, const Factor& w, const Factor& ht, const ScdPenalties& penalties = {},
               double beta = 1)
      : v_(v.copy()), w_(w.copy()), ht_(ht.copy()), penalties_(penalties), beta_(beta), step_w_(w.copy()) {
    ht_ = half_step(ht_, sums_of(w_, ht_));
    step_ht_ = ht_.copy();
  }

  /// Moves W and tells what is minimised of (W, H). Where that has risen, it goes back, and the next pass sees the
  /// plain step from the pair that stands; else H moves, beyond its step.
  void pass() {
    for (int round = 0; round < 2; ++round) move_w();
    const double objective = objective_of(w_, ht_);
    if (!plain_ && objective > standing_ * (1 + 1e-13)) return go_back();
    objectives_.push_back(objective);
    standing_ = objective;
    if (!plain_) momentum_ = std::min(most_momentum_, 1.1 * momentum_);
    if (!plain_) most_momentum_ = std::min(1.0, 1.05 * most_momentum_);
    const Factor moved = half_step(ht_, sums_of(w_, ht_));
    plain_ = ++since_ % 20 == 0;
    Factor next = moved.copy();
    const std::vector<double> means = means_of(ht_);
    for (Index j = 0; j < next.rows() && !plain_; ++j) {
      for (Index c = 0; c < next.columns(); ++c) {
        const double ahead = moved(j, c) + momentum_ * (moved(j, c) - step_ht_(j, c));
        next(j, c) = std::max(ahead, floor_of_mean * means[static_cast<std::size_t>(c)]);
      }
    }
    stood_ht_ = std::move(ht_);
    ht_ = std::move(next);
    step_ht_ = moved.copy();
    step_w_ = w_.copy();
  }

  /// The pair that stands.
  const Factor& w() const { return step_w_; }
  const Factor& ht() const { return stood_ht_; }
  int returns() const { return returns_; }
  /// Of the pairs that stood.
  const std::vector<double>& objectives() const { return objectives_; }

  /// T(H), feature by feature.
  Factor half_step(const Factor& ht, const ScdSums& sums) const {
    Factor moved = unlocked(ht, sums, penalties_.l1_h, penalties_.l2_h);
    const std::vector<double> means = means_of(ht);
    for (Index j = 0; j < ht.rows(); ++j) {
      for (Index c = 0; c < ht.columns(); ++c) {
        moved(j, c) = std::max(moved(j, c), floor_of_mean * means[static_cast<std::size_t>(c)]);
      }
    }
    return moved;
  }
  ScdSums sums_of(const Factor& w, const Factor& ht) const {
    ScdSums sums = zeros_like(ht);
    for_entries(w, ht,
                [&](Index i, Index j, Index c, const Weights& weights) { add(weights, w(i, c), sums, j, c); });
    return sums;
  }
  double objective_of(const Factor& w, const Factor& ht) const {
    double f = loss_of(w, ht);
    const auto add = [&](const Factor& x, double l1, double l2) {
      for (Index i = 0; i < x.rows(); ++i) {
        for (Index c = 0; c < x.columns(); ++c) f += l1 * x(i, c) + l2 / 2 * x(i, c) * x(i, c);
      }
    };
    add(w, penalties_.l1_w, penalties_.l2_w);
    add(ht, penalties_.l1_h, penalties_.l2_h);
    return f;
  }
  double loss_of(const Factor& w, const Factor& ht) const {
    double loss = 0;
    for (Index i = 0; i < w.rows(); ++i) {
      for (Index j = 0; j < ht.rows(); ++j) {
        const double v = v_(i, j), x = model(w, ht, i, j);
        if (beta_ == 1) {
          loss += (v > 0 ? v * std::log(v / x) : 0) - v + x;
        } else if (v > 0 || x > 0) {
          loss += (std::pow(v, beta_) + (beta_ - 1) * std::pow(x, beta_) - beta_ * v * std::pow(x, beta_ - 1)) /
                  (beta_ * (beta_ - 1));
        }
      }
    }
    return loss;
  }

 private:
  static constexpr double floor_of_mean = 1e-10;

  /// What an entry of V puts before a factor: in p, s and b.
  struct Weights {
    double p, s, b;
  };
  /// f(i, j, c, weights of v_ij)
  template <class F>
  void for_entries(const Factor& w, const Factor& ht, F&& f) const {
    for (Index i = 0; i < w.rows(); ++i) {
      for (Index j = 0; j < ht.rows(); ++j) {
        const double x = model(w, ht, i, j), v = v_(i, j);
        Weights weights{0, beta_ == 1 ? 1.0 : 0.0, 0};
        if (x > 0) {
          weights = {v * std::pow(x, beta_ - 2), std::pow(x, beta_ - 1),
                     (2 - beta_) * v * std::pow(x, beta_ - 3) + (beta_ - 1) * std::pow(x, beta_ - 2)};
        }
        for (Index c = 0; c < w.columns(); ++c) f(i, j, c, weights);
      }
    }
  }
  static void add(const Weights& weights, double other, ScdSums& sums, Index row, Index c) {
    sums.p(row, c) += weights.p * other;
    sums.s(row, c) += weights.s * other;
    sums.b(row, c) += weights.b * other * other;
  }
  static ScdSums zeros_like(const Factor& x) {
    return {Factor(x.rows(), x.columns()), Factor(x.rows(), x.columns()), Factor(x.rows(), x.columns())};
  }
  static Factor unlocked(const Factor& x, const ScdSums& sums, double l1, double l2) {
    Factor moved(x.rows(), x.columns());
    for (Index j = 0; j < x.rows(); ++j) {
      const auto slope = [&](Index c) {  // negative: the component grows
        return sums.s(j, c) + l1 + l2 * x(j, c) - sums.p(j, c);
      };
      int growing = 0;
      for (Index c = 0; c < x.columns(); ++c) growing += slope(c) < 0 ? 1 : 0;
      for (Index c = 0; c < x.columns(); ++c) {
        double goal = multiplied(x(j, c), sums.p(j, c), sums.s(j, c) + l1, l2);
        const double curvature = sums.b(j, c) + l2;
        if (slope(c) < 0 && curvature > 0) goal = std::max(goal, x(j, c) - slope(c) / (growing * curvature));
        moved(j, c) = goal;
      }
    }
    return moved;
  }
  void move_w() {
    if (beta_ == 1) {
      for (Index i = 0; i < w_.rows(); ++i) {
        for (Index c = 0; c < w_.columns(); ++c) move_entry_of_w(i, c);
      }
      return;
    }
    ScdSums sums = zeros_like(w_);
    for_entries(w_, ht_,
                [&](Index i, Index j, Index c, const Weights& weights) { add(weights, ht_(j, c), sums, i, c); });
    w_ = unlocked(w_, sums, penalties_.l1_w, penalties_.l2_w);
  }

  static double model(const Factor& w, const Factor& ht, Index i, Index j) {
    double x = 0;
    for (Index c = 0; c < w.columns(); ++c) x += w(i, c) * ht(j, c);
    return x;
  }
  static std::vector<double> means_of(const Factor& x) {
    std::vector<double> means(static_cast<std::size_t>(x.columns()));
    for (Index j = 0; j < x.rows(); ++j) {
      for (Index c = 0; c < x.columns(); ++c) {
        means[static_cast<std::size_t>(c)] += x(j, c) / static_cast<double>(x.rows());
      }
    }
    return means;
  }
  /// s x' + l2 x'^2 = x p
  static double multiplied(double x, double p, double s, double l2) {
    if (!(x * p > 0)) return 0;
    return l2 > 0 ? (std::sqrt(s * s + 4 * l2 * x * p) - s) / (2 * l2) : x * p / s;
  }

  /// By Newton's step, or the multiplicative one where that goes farther, none of which raises what is minimised
  /// (kernels/level/newton.hpp).
  void move_entry_of_w(Index i, Index c) {
    double pull = 0, curvature = 0, steepest = 0, s = penalties_.l1_w;
    for (Index j = 0; j < ht_.rows(); ++j) {
      const double x = model(w_, ht_, i, j);
      s += ht_(j, c);
      if (!(x > 0) || !(v_(i, j) > 0)) continue;
      const double q = ht_(j, c) / x;
      pull += v_(i, j) * q;
      curvature += v_(i, j) * q * q;
      steepest = std::max(steepest, q);
    }
    const double w = w_(i, c), by_product = multiplied(w, pull, s, penalties_.l2_w);
    const double slope = s + penalties_.l2_w * w - pull;
    if (!(curvature + penalties_.l2_w > 0)) {
      w_(i, c) = by_product;
      return;
    }
    double step = -slope / (curvature + penalties_.l2_w);
    if (slope > 0 && -step * steepest > 0.683802) step /= 1 - step * steepest;
    double goal = std::max(w + step, 0.0);
    goal = slope > 0 ? std::min(goal, by_product) : std::max(goal, by_product);
    if (slope > 0 && w * steepest > 1 - 1e-6) goal = std::max(goal, std::min(w / 1024, by_product));
    w_(i, c) = goal;
  }

  void go_back() {
    w_ = step_w_.copy();
    ht_ = step_ht_.copy();
    most_momentum_ = momentum_;
    momentum_ *= 0.75;
    plain_ = true;
    since_ = 0;
    ++returns_;
  }

  Factor v_, w_, ht_;
  ScdPenalties penalties_;
  double beta_;
  Factor step_w_, step_ht_, stood_ht_;  // of the pair that stands: W, the step from its H, its H
  double momentum_ = 0.5, most_momentum_ = 1, standing_ = std::numeric_limits<double>::infinity();
  int since_ = 0, returns_ = 0;
  bool plain_ = true;
  std::vector<double> objectives_;
};
