// Itakura-Saito, d(v | x) = v / x - log(v / x) - 1: beta = 0 (Fevotte, Bertin and Durrieu 2009). V has no zeros.
#include <cmath>
#include <utility>

#include "beta_divergence.hpp"

namespace mpinmf {
namespace {

struct ItakuraSaito {
  bool needs_positive_model() const { return true; }

  std::pair<double, double> weights(double v, double x) const {
    const double inverse = 1 / x;
    return {v * inverse * inverse, inverse};
  }
  double term(double v, double x) const {
    const double quotient = v / x;
    return quotient - std::log(quotient) - 1;
  }
};

}  // namespace

template <class T>
std::unique_ptr<PanelLoss<T>> make_itakura_saito() {
  return std::make_unique<MatrixShapedLoss<T, ItakuraSaito>>(ItakuraSaito{});
}
template std::unique_ptr<PanelLoss<float>> make_itakura_saito();
template std::unique_ptr<PanelLoss<double>> make_itakura_saito();

}  // namespace mpinmf
