// Extrapolation: Ang and Gillis, Accelerating nonnegative matrix factorization algorithms using extrapolation,
// Neural Computation 31 (2019), algorithm 2, rearranged so that one pass over V and one sum an iteration are
// enough:
//
//   W_i  = rule(V Hy_{i-1}', Hy_{i-1} Hy_{i-1}', start W_{i-1} + b (W_{i-1} - W_{i-2}))
//   Wy   = W_i + b (W_i - W_{i-1})      never made: S = W_i' V, M = W_i' W_i and C = W_i' W_{i-1} are summed, and
//   Wy'V = (1 + b) S_i - b S_{i-1},     Wy'Wy = (1 + b)^2 M_i - b (1 + b) (C + C') + b^2 M_{i-1}
//   H_i  = rule(Wy'V, Wy'Wy, start H_{i-1}),     Hy_i = max(0, H_i + b (H_i - H_{i-1}))
//
// What is reported and decides is the loss of the pair (W_i, H_i), which is non-negative and not extrapolated.
// When it rises, H is moved once more, from H_{i-1} with the plain S_i and M_i, which costs no pass over V (their
// paper goes back at once); when it still rises, the pair before stands again and the next iteration is a plain
// one.
#pragma once

#include <limits>

#include "mpinmf/matrix.hpp"
#include "state_tape.hpp"

namespace mpinmf {

/// b, from iteration to iteration; a function of what is minimised alone. Where the loss falls by less than
/// its noise, a rise would pass unseen: iterations are then plain ones until the falls add up.
class Momentum {
 public:
  /// For a rule that solves its half-steps exactly, or moves them only.
  explicit Momentum(bool is_exact) : is_exact_(is_exact) {}

  /// b of Wy and Hy in the next iteration: 0 in the first and after each step back.
  double value() const { return is_plain_ ? 0 : value_; }
  /// b of the next start of W.
  double of_start() const { return is_plain_ || is_exact_ || was_redone_ ? 0 : value_; }
  /// b of Hy where H has been moved once more.
  double of_redone() const { return is_exact_ ? value_ : 0; }

  /// Takes what is minimised by the new pair, and by how much that may be wrong. False where it has risen by more:
  /// then H must move once more.
  bool accepts(double objective, double noise);
  /// The same after that. False: the pair before stands again.
  bool accepts_redone(double objective, double noise);

  void pass(StateTape& tape) {
    for (double* number : {&value_, &most_, &last_, &best_}) tape.pass(*number);
    for (bool* flag : {&is_plain_, &was_redone_, &sees_pair_}) tape.pass(*flag);
  }

 private:
  bool stand(double objective, double noise);

  bool is_exact_;
  double value_ = 0.5, most_ = 1, last_ = 0.5, best_ = std::numeric_limits<double>::infinity();
  bool is_plain_ = true, was_redone_ = false;
  bool sees_pair_ = true;  // W moves by the H of the pair
};

/// rows <- rows + b (rows - previous), previous <- rows. With `go_back` the rows are those of previous.
/// @pre both are r x k and padded
template <class T>
void step_ahead(double momentum, bool go_back, MatrixView<T> rows, MatrixView<T> previous);

/// Wy'Wy from M = W_i'W_i, C = W_i'W_{i-1} and W_{i-1}'W_{i-1}; all k x k.
void extrapolate_gram(double momentum, ConstMatrixView<double> gram, ConstMatrixView<double> cross,
                      ConstMatrixView<double> previous, MatrixView<double> extrapolated);

}  // namespace mpinmf
