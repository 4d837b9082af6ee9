// What one sweep has to compute at least.
#pragma once

#include <string>

#include "mpinmf/matrix.hpp"
#include "mpinmf/options.hpp"

namespace mpinmf {

/// Some rows of V.
struct SweptRows {
  Index rows = 0, columns = 0;
  Index stored = 0;  ///< entries held (dense: all)
};

/// Multiplications and additions of a sweep over these rows, as the table of losses counts them. What rules, costs
/// and padding need besides is not counted.
double flops_of_a_sweep(const SweptRows& v, Index components, const Loss& loss);
/// The same in words: "4 k an entry + 4 k^2 a row".
std::string flops_formula(const Loss& loss);

}  // namespace mpinmf
