#include "sweep_flops.hpp"

namespace mpinmf {

double flops_of_a_sweep(const SweptRows& v, Index components, double beta) {
  const auto k = static_cast<double>(components), stored = static_cast<double>(v.stored);
  const auto rows = static_cast<double>(v.rows);
  if (beta == 2) return 4 * k * stored + 4 * k * k * rows;
  if (beta == 1) return 8 * k * stored;
  return 4 * k * stored + 8 * k * rows * static_cast<double>(v.columns);
}

std::string flops_formula(double beta) {
  if (beta == 2) return "4 k an entry + 4 k^2 a row";
  if (beta == 1) return "8 k an entry";
  return "4 k an entry + 8 k a place of V";
}

}  // namespace mpinmf
