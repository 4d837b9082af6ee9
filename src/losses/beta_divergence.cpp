// d_beta(v | x) = (v^beta + (beta - 1) x^beta - beta v x^(beta-1)) / (beta (beta - 1)), beta not 0 or 1
// (Fevotte and Idier 2011, equation 2).
#include "beta_divergence.hpp"

#include <cmath>
#include <utility>

namespace mpinmf {
namespace {

struct BetaDivergence {
  double beta;
  bool needs_positive_model() const { return beta < 2; }

  std::pair<double, double> weights(double v, double x) const {
    const double power = std::pow(x, beta - 1);
    // power / x may be infinite, and 0 times that is not a number
    return {v > 0 ? v * (power / x) : 0.0, power};
  }
  double term(double v, double x) const {
    if (v == 0) return std::pow(x, beta) / beta;
    const double power = std::pow(x, beta - 1);
    return (std::pow(v, beta) + (beta - 1) * power * x - beta * v * power) / (beta * (beta - 1));
  }
};

}  // namespace

template <class T>
std::unique_ptr<PanelLoss<T>> make_beta_divergence(double beta) {
  return std::make_unique<MatrixShapedLoss<T, BetaDivergence>>(BetaDivergence{beta});
}
template std::unique_ptr<PanelLoss<float>> make_beta_divergence(double);
template std::unique_ptr<PanelLoss<double>> make_beta_divergence(double);

}  // namespace mpinmf
