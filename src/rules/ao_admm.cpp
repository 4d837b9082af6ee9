// Alternating optimization, each half-step by the alternating direction method of multipliers: Huang, Sidiropoulos
// and Liavas, A flexible and efficient algorithmic framework for constrained matrix and tensor factorization, IEEE
// Trans. Signal Process. 64 (2016), algorithm 1. rho = trace(G) / k, and the dual of a half-step is where the next
// one starts. Rows stop one by one, where the paper compares whole factors.
#include <cassert>
#include <utility>

#include "rounds.hpp"

namespace mpinmf {

struct AdmmRounds;  // kernels/level/admm_rounds.cpp

namespace {

/// The paper's epsilon: a row stops when its squared residuals are below this share.
constexpr double least_residual = 1e-2;

/// In place by Gauss and Jordan, without pivoting. @pre a is symmetric and positive definite, k x k
void invert(MatrixView<double> a) {
  const Index k = a.rows();
  for (Index p = 0; p < k; ++p) {
    const double inverse = 1 / a(p, p);
    a(p, p) = 1;
    for (Index j = 0; j < k; ++j) a(p, j) *= inverse;
    for (Index i = 0; i < k; ++i) {
      if (i == p) continue;
      const double factor = std::exchange(a(i, p), 0.0);
      for (Index j = 0; j < k; ++j) a(i, j) -= factor * a(p, j);
    }
  }
}

/// (G + rho I)^-1, whose condition number is at most k + 1. Without G, rho is 1: x stays where it is. Components
/// that are fixed do not count: their part of G is 0.
template <class T>
void prepare(HalfStep<T>& half_step) {
  const Index k = half_step.exact_gram.rows();
  double trace = 0;
  for (Index c = 0; c < k; ++c) trace += half_step.exact_gram(c, c);
  const Index free = k - static_cast<Index>(half_step.settings.fixed.size());
  half_step.rho = trace > 0 ? trace / static_cast<double>(free) : 1;
  Matrix<double> shifted = half_step.exact_gram.copy();
  for (Index c = 0; c < k; ++c) shifted(c, c) += half_step.rho;
  invert(shifted.view());
  if (half_step.shifted_inverse.rows() != k) half_step.shifted_inverse = Matrix<T>::padded(k, k);
  for (Index a = 0; a < k; ++a) {
    for (Index c = 0; c < k; ++c) half_step.shifted_inverse(a, c) = static_cast<T>(shifted(a, c));
  }
}

template <class T>
double ao_admm(const HalfStep<T>& half_step, const Statistics<T>& statistics, RuleScratch<T>& scratch,
               const MovedRows<T>& rows) {
  assert(rows.state.rows() == rows.x.rows() && rows.state.columns() == rows.x.columns());
  RoundSettings<T> settings = round_settings<T>(half_step.settings);
  settings.least_share = static_cast<T>(least_residual);
  settings.weight = static_cast<T>(half_step.rho);
  return rounds_kernel<T, AdmmRounds>(vector_level())(rows_with_state(rows, statistics),
                                                      block(half_step.shifted_inverse.view()), settings,
                                                      scratch.numbers.data());
}

}  // namespace

template <class T>
Rule<T> make_rule(RuleFile<struct AoAdmm>) {
  Rule<T> rule;
  rule.name = "ao-admm";
  rule.move = ao_admm<T>;
  rule.prepare = prepare<T>;
  rule.room = room_of_rounds<T>;
  rule.state_columns = [](Index components) { return components; };  // the scaled dual
  rule.needs = least_squares_statistics;
  rule.takes_rounds = true;
  return rule;
}
template Rule<float> make_rule(RuleFile<struct AoAdmm>);
template Rule<double> make_rule(RuleFile<struct AoAdmm>);

}  // namespace mpinmf
