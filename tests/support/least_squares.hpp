// Least-squares problems with many rows, what moves them by a rule, and slow ways to solve them.
#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "kernel_support.hpp"
#include "rules/rule.hpp"

using mpinmf::ConstMatrixView, mpinmf::HalfStep, mpinmf::Index, mpinmf::Matrix, mpinmf::MatrixView;
using mpinmf::Rule, mpinmf::RuleScratch, mpinmf::RuleSettings, mpinmf::Statistic;

/// What a half-step starts from: minimise x G x' / 2 - (b - l1) x' for every row x >= 0, G with l2.
struct Problem {
  Matrix<double> gram, numerator;  // k x k, r x k
  double l1 = 0, l2 = 0;
  Index rows() const { return numerator.rows(); }
  Index components() const { return gram.rows(); }
};

/// G = H H' and b = V H' of other factor H (k x n) and rows V >= 0 that are near W H for some W, with zeros.
struct Shape {
  Index rows, components, features;
  unsigned seed;
};
inline Matrix<double> other_factor(const Shape& shape) {
  Matrix<double> h(shape.components, shape.features);
  for (Index c = 0; c < h.rows(); ++c) {
    for (Index j = 0; j < h.columns(); ++j) h(c, j) = number_at(shape.seed, c, j, true);
  }
  return h;
}
inline Problem problem_of(const Shape& shape, const Matrix<double>& h) {
  const Index k = shape.components;
  Problem problem{Matrix<double>(k, k), Matrix<double>(shape.rows, k)};
  for (Index a = 0; a < k; ++a) {
    for (Index c = 0; c < k; ++c) {
      for (Index j = 0; j < h.columns(); ++j) problem.gram(a, c) += h(a, j) * h(c, j);
    }
  }
  for (Index i = 0; i < shape.rows; ++i) {
    for (Index j = 0; j < h.columns(); ++j) {
      double v = 2 * number_at(shape.seed + 1, i, j);
      for (Index c = 0; c < k; ++c) v += (number_at(shape.seed + 2, i, c) < 0.5 ? 0 : 1) * h(c, j);
      for (Index c = 0; c < k; ++c) problem.numerator(i, c) += v * h(c, j);
    }
  }
  return problem;
}
inline Problem problem_of(const Shape& shape) {
  return problem_of(shape, other_factor(shape));
}

/// Rows of a factor, with what a rule needs to move them.
template <class T>
class Mover {
 public:
  Mover(const std::string& name, const Problem& problem, int rounds = 1)
      : rule_(mpinmf::find_rule<T>(name)),
        scratch_(mpinmf::make_rule_scratch(rule_, problem.rows(), problem.components())),
        numerator_(Matrix<T>::padded(problem.rows(), problem.components())),
        x_(Matrix<T>::padded(problem.rows(), problem.components())) {
    RuleSettings settings;
    settings.l1 = problem.l1;
    settings.l2 = problem.l2;
    settings.most_rounds = rounds;
    mpinmf::begin_half_step<T>(rule_, settings, problem.gram.view(), half_step_);
    for (Index i = 0; i < problem.rows(); ++i) {
      for (Index c = 0; c < problem.components(); ++c) numerator_(i, c) = static_cast<T>(problem.numerator(i, c));
    }
    if (rule_.state_columns != nullptr) {
      state_ = Matrix<T>::padded(problem.rows(), rule_.state_columns(problem.components()));
    }
  }

  Matrix<T>& x() { return x_; }
  void start(const std::function<double(Index, Index)>& value) {
    for (Index i = 0; i < x_.rows(); ++i) {
      for (Index c = 0; c < x_.columns(); ++c) x_(i, c) = static_cast<T>(value(i, c));
    }
  }
  void move(Index first, Index count) {
    const ConstMatrixView<T> numerator = numerator_.view(), gram = half_step_.gram.view();
    MatrixView<T> state;
    if (state_.rows() > 0) state = state_.view().middle_rows(first, count);
    rule_.move(half_step_, {{Statistic::numerator, numerator.middle_rows(first, count)}, {Statistic::gram, gram}},
               scratch_, {x_.view().middle_rows(first, count), state});
  }
  void move() { move(0, x_.rows()); }

  /// x G x' / 2 - (b - l1) x' of row i, of what the rule was given.
  double objective(Index i, const std::function<double(Index)>& x) const {
    double sum = 0;
    for (Index a = 0; a < x_.columns(); ++a) {
      double product = 0;
      for (Index c = 0; c < x_.columns(); ++c) product += half_step_.exact_gram(a, c) * x(c);
      sum += x(a) * (product / 2 - static_cast<double>(numerator_(i, a)) + half_step_.settings.l1);
    }
    return sum;
  }
  double objective(Index i) const {
    return objective(i, [&](Index c) { return static_cast<double>(x_(i, c)); });
  }
  std::vector<double> b(Index i) const {
    std::vector<double> result;
    for (Index c = 0; c < x_.columns(); ++c) {
      result.push_back(static_cast<double>(numerator_(i, c)) - half_step_.settings.l1);
    }
    return result;
  }
  const HalfStep<T>& half_step() const { return half_step_; }

 private:
  const Rule<T>& rule_;
  HalfStep<T> half_step_;
  RuleScratch<T> scratch_;
  Matrix<T> numerator_, x_, state_;
};

/// x_F = G_FF^-1 b_F by Gauss-Jordan elimination; nothing where G_FF is singular to rounding.
inline std::optional<std::vector<double>> solve_on(const std::vector<Index>& set, ConstMatrixView<double> gram,
                                                   const std::vector<double>& b) {
  const std::size_t size = set.size();
  std::vector<std::vector<long double>> rows(size);
  for (std::size_t i = 0; i < size; ++i) {
    for (const Index c : set) rows[i].push_back(gram(set[i], c));
    rows[i].push_back(b[static_cast<std::size_t>(set[i])]);
  }
  for (std::size_t p = 0; p < size; ++p) {
    if (rows[p][p] <= 1e-13L * gram(set[p], set[p])) return std::nullopt;
    for (std::size_t i = 0; i < size; ++i) {
      if (i == p) continue;
      const long double factor = rows[i][p] / rows[p][p];
      for (std::size_t j = p; j <= size; ++j) rows[i][j] -= factor * rows[p][j];
    }
  }
  std::vector<double> x(b.size());
  for (std::size_t i = 0; i < size; ++i) {
    x[static_cast<std::size_t>(set[i])] = static_cast<double>(rows[i][size] / rows[i][i]);
  }
  return x;
}

inline double objective_at(ConstMatrixView<double> gram, const std::vector<double>& b,
                           const std::vector<double>& x) {
  double sum = 0;
  for (Index a = 0; a < gram.rows(); ++a) {
    double product = 0;
    for (Index c = 0; c < gram.rows(); ++c) product += gram(a, c) * x[static_cast<std::size_t>(c)];
    sum += x[static_cast<std::size_t>(a)] * (product / 2 - b[static_cast<std::size_t>(a)]);
  }
  return sum;
}

/// The best of all sets whose solution is >= 0.
inline std::vector<double> best_of_all_sets(ConstMatrixView<double> gram, const std::vector<double>& b) {
  std::vector<double> best(b.size());
  double least = 0;
  for (Index bits = 1; bits < Index{1} << gram.rows(); ++bits) {
    std::vector<Index> set;
    for (Index c = 0; c < gram.rows(); ++c) {
      if ((bits >> c) % 2 == 1) set.push_back(c);
    }
    const auto x = solve_on(set, gram, b);
    if (!x || *std::min_element(x->begin(), x->end()) < 0) continue;
    const double value = objective_at(gram, b, *x);
    if (value < least) {
      least = value;
      best = *x;
    }
  }
  return best;
}

/// Lawson and Hanson's algorithm, for a G that is not singular.
inline std::vector<double> lawson_hanson(ConstMatrixView<double> gram, const std::vector<double>& b) {
  const Index k = gram.rows();
  std::vector<double> x(b.size());
  std::vector<Index> set;
  for (Index step = 0; step < 10 * k; ++step) {
    Index most = -1;
    double steepest = 1e-12 * *std::max_element(b.begin(), b.end());
    for (Index c = 0; c < k; ++c) {
      double descent = b[static_cast<std::size_t>(c)];
      for (Index a = 0; a < k; ++a) descent -= gram(c, a) * x[static_cast<std::size_t>(a)];
      if (std::find(set.begin(), set.end(), c) != set.end() || !(descent > steepest)) continue;
      steepest = descent;
      most = c;
    }
    if (most < 0) return x;
    set.push_back(most);
    for (;;) {
      const std::vector<double> aim = solve_on(set, gram, b).value();
      double length = 1;
      for (const Index c : set) {
        const auto at = static_cast<std::size_t>(c);
        if (aim[at] <= 0) length = std::min(length, x[at] / (x[at] - aim[at]));
      }
      for (std::size_t c = 0; c < x.size(); ++c) x[c] += length * (aim[c] - x[c]);
      if (length == 1) break;
      std::erase_if(set, [&](Index c) { return x[static_cast<std::size_t>(c)] <= 1e-14; });
      for (Index c = 0; c < k; ++c) {
        if (std::find(set.begin(), set.end(), c) == set.end()) x[static_cast<std::size_t>(c)] = 0;
      }
    }
  }
  return x;
}
