#include "sweep_flops.hpp"

#include <fmt/format.h>

#include <vector>

#include "loss_table.hpp"

namespace mpinmf {

double flops_of_a_sweep(const SweptRows& v, Index components, const Loss& loss) {
  const SweepFlops flops = facts_of(loss).flops;
  const auto k = static_cast<double>(components), rows = static_cast<double>(v.rows);
  return flops.of_entry * k * static_cast<double>(v.stored) + flops.of_row * k * k * rows +
         flops.of_place * k * rows * static_cast<double>(v.columns);
}

std::string flops_formula(const Loss& loss) {
  const SweepFlops flops = facts_of(loss).flops;
  std::vector<std::string> terms;
  if (flops.of_entry > 0) terms.push_back(fmt::format("{} k an entry", flops.of_entry));
  if (flops.of_row > 0) terms.push_back(fmt::format("{} k^2 a row", flops.of_row));
  if (flops.of_place > 0) terms.push_back(fmt::format("{} k a place of V", flops.of_place));
  return fmt::format("{}", fmt::join(terms, " + "));
}

}  // namespace mpinmf
