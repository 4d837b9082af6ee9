#include "extrapolation.hpp"

#include <algorithm>

namespace mpinmf {
namespace {

// Ang and Gillis 2019, section 4.1: how b and its bound grow while the loss falls, and b shrinks when it rises.
constexpr double growth = 1.05, growth_of_bound = 1.01, shrinkage = 1.5;

}  // namespace

bool Momentum::accepts(double objective, double noise) {
  if (objective > best_ + noise) {
    most_ = value_;
    value_ /= shrinkage;
    is_plain_ = true;
    return false;
  }
  best_ = objective;
  if (is_plain_) {
    is_plain_ = false;
  } else {
    value_ = std::min(most_, growth * value_);
    most_ = std::min(1.0, growth_of_bound * most_);
  }
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
