// One row of W for a fixed H, to its optimum: what transform does for all losses but Frobenius over all of V.
#pragma once

#include <span>
#include <utility>
#include <vector>

#include "rules/rule.hpp"

namespace mpinmf {

/// What all rows have in common.
struct RowProblem {
  double beta;  ///< of the loss
  RuleSettings settings;
  ConstMatrixView<double> ht;  ///< H transposed, n x k, padded; in V's own order of columns
  double tolerance;            ///< a row stops once a step moves it by less than this share of itself
  bool is_observed = false;    ///< entries that are not stored do not count
};

struct RowOutcome {
  Index steps = 0;
  bool converged = true;
};

/// Minimises d(v | w H) + l1 sum w + l2 / 2 sum w^2 over w >= 0 for one row after another by Newton steps with a
/// line search, in double. A row is alone with H from its start to its end: its w does not depend on any other
/// row.
///
/// A step goes to the minimum over w >= 0 of the quadratic model, by block pivoting, or as far on the way as what
/// is minimised falls. For beta outside [1, 2], where d is not convex, the concave part of d is replaced by its
/// tangent (Fevotte and Idier 2011, section 4), so that it falls all the same, and the end is a stationary point.
/// Rows that sum up to 1 (beta = 2) are solved for exactly instead.
/// One object a thread.
class RowNewton {
 public:
  /// Whether it looks at the stored entries alone: where V has gaps between them and these do not count, or only
  /// in sums of H's rows (Kullback-Leibler).
  static bool gathers(double beta, bool is_observed, bool has_gaps) {
    return has_gaps && (is_observed || beta == 1);
  }

  /// For rows of at most `longest_row` stored entries, of a V that has gaps between them or none. `problem`
  /// outlives this.
  RowNewton(const RowProblem& problem, bool has_gaps, Index longest_row);
  /// Bytes that this allocates, where V has n columns.
  static double bytes(bool gathers, const PanelSizes& sizes, Index components);

  /// The stored entries of a row of V with their columns of V, ascending, so that the bits of w do not depend on
  /// the order that V's panels have.
  using Entries = std::span<const std::pair<Index, double>>;
  /// w, k numbers, for a row of V. w is the start where `has_start`, unless it makes an entry of V impossible;
  /// else the start is made of the row and H: each component shares equally in the sum of the row.
  template <class T>
  RowOutcome solve(Entries row, bool has_start, T* w);

  /// More steps than any convex problem needs (some 10 to 30).
  static constexpr Index most_steps = 1000;

 private:
  void take_row(Entries row);
  void sum_rows();
  void start();
  bool is_possible();
  RowOutcome descend();
  void solve_on_simplex();
  void move_by_pivoting(Matrix<double>& row);
  void weigh(const double* x, double* power, double* weight) const;
  void gather_slopes();
  void gather_curvature();
  double aim();
  bool has_arrived(double promise) const;
  void move(double promise);
  double slope_at(double length);
  double longest_length() const;

  const RowProblem& problem_;
  const Rule<double>& pivoting_;
  const Index k_;
  const bool gathers_;
  std::vector<double> sums_;  ///< of the rows of H: all, or those of the entries that count
  // the entries that are looked at: all, or those that are stored; their rows of H
  Index entries_ = 0;
  ConstMatrixView<double> h_;
  Matrix<double> gathered_;
  double mean_ = 0;
  /// v, x = (w H)_j, x^(beta-1) and v x^(beta-2), the same farther on, what a step changes x by, work space
  std::vector<double> v_, x_, power_, weight_, next_power_, next_weight_, change_, work_;
  // k numbers: w, the gradient, what its negative part is taken from, a step and where it leads
  Matrix<double> w_, gradient_, above_, step_, scaled_, numerator_;
  std::vector<double> scales_;  ///< roots of the curvature's diagonal
  Matrix<double> curvature_, block_;
  HalfStep<double> half_step_;
  RuleScratch<double> scratch_;
};

}  // namespace mpinmf
