#include "extrapolation.hpp"

#include <algorithm>

namespace mpinmf {
namespace {

/// How b and its bound grow while the loss falls, and how b shrinks where H has been moved once more. Those of Ang
/// and Gillis 2019, section 4.1, for exact half-steps and for others; except the shrinkage of exact ones, which
/// was measured: their 1.5 left the best minimum of golub (k = 10) from one start of six.
struct Pace {
  double growth, growth_of_bound, shrinkage;
};
constexpr Pace exact_pace{1.1, 1.05, 1.2}, inexact_pace{1.01, 1.005, 1.5};

}  // namespace

/// Whether the pair is certainly better than the best one so far.
bool Momentum::stand(double objective, double noise) {
  is_plain_ = !(objective < best_ - noise);
  if (!is_plain_) best_ = objective;
  return !is_plain_;
}

bool Momentum::accepts(double objective, double noise) {
  const Pace pace = is_exact_ ? exact_pace : inexact_pace;
  const bool was_plain = is_plain_, falls = was_plain && sees_pair_;
  if (falls && objective > best_ + noise) best_ = objective;  // the noise was underestimated
  if (objective > best_ + noise) {
    most_ = last_;
    value_ /= pace.shrinkage;
    return false;
  }
  if (stand(objective, noise) && !was_plain) {
    last_ = value_;
    value_ = std::min(most_, pace.growth * value_);
    most_ = std::min(1.0, pace.growth_of_bound * most_);
  }
  was_redone_ = false;
  sees_pair_ = was_plain;
  return true;
}

bool Momentum::accepts_redone(double objective, double noise) {
  last_ = value_;
  was_redone_ = true;
  if (objective > best_ + noise) {
    is_plain_ = sees_pair_ = true;
    return false;
  }
  stand(objective, noise);
  sees_pair_ = !is_exact_;
  return true;
}

template <class T>
void step_ahead(double momentum, bool go_back, MatrixView<T> rows, MatrixView<T> previous) {
  const auto b = static_cast<T>(momentum);
  for (Index i = 0; i < rows.rows(); ++i) {
    T *x = rows.row(i), *p = previous.row(i);
    for (Index c = 0; c < rows.columns(); ++c) {
      const T stands = go_back ? p[c] : x[c];
      x[c] = stands + b * (stands - p[c]);
      p[c] = stands;
    }
  }
}
template void step_ahead(double, bool, MatrixView<float>, MatrixView<float>);
template void step_ahead(double, bool, MatrixView<double>, MatrixView<double>);

void extrapolate_gram(double momentum, ConstMatrixView<double> gram, ConstMatrixView<double> cross,
                      ConstMatrixView<double> previous, MatrixView<double> extrapolated) {
  const double b = momentum;
  for (Index a = 0; a < gram.rows(); ++a) {
    for (Index c = 0; c < gram.columns(); ++c) {
      extrapolated(a, c) =
          (1 + b) * (1 + b) * gram(a, c) - b * (1 + b) * (cross(a, c) + cross(c, a)) + b * b * previous(a, c);
    }
  }
}

}  // namespace mpinmf
