// Itakura-Saito, d(v | x) = v / x - log(v / x) - 1: beta = 0 (Fevotte, Bertin and Durrieu 2009). V has no zeros.
#include <algorithm>
#include <cmath>
#include <utility>

#include "beta_divergence.hpp"

namespace mpinmf {
namespace {

template <class T>
struct ItakuraSaito {
  bool needs_positive_model() const { return true; }

  std::pair<T, T> weights(T v, T x) const {
    const T inverse = std::min(T(1) / x, largest_quotient<T>);
    return {std::min(v * inverse * inverse, largest_quotient<T>), inverse};
  }
  double term(double v, double x) const {
    const double quotient = v / x;
    return quotient - std::log(quotient) - 1;
  }
};

}  // namespace

template <class T>
std::unique_ptr<PanelLoss<T>> make_itakura_saito() {
  using Divergence = ItakuraSaito<T>;
  return std::make_unique<MatrixShapedLoss<T, Divergence>>(Divergence{});
}
template std::unique_ptr<PanelLoss<float>> make_itakura_saito();
template std::unique_ptr<PanelLoss<double>> make_itakura_saito();

}  // namespace mpinmf
