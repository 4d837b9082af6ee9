// What one sweep has to compute at least.
#pragma once

#include <string>

#include "mpinmf/matrix.hpp"

namespace mpinmf {

/// Some rows of V.
struct SweptRows {
  Index rows = 0, columns = 0;
  Index stored = 0;  ///< entries held (dense: all)
};

/// Multiplications and additions of a sweep over these rows, for the beta of the loss:
///   Frobenius         4 k an entry and 4 k^2 a row: V H' and W'V, W (H H') and W'W
///   Kullback-Leibler  8 k an entry: W H before V H', and again for the new W before W'V
///   others            4 k an entry and 8 k a place of V, zero or not: their denominators are dense
/// What rules, costs and padding need besides is not counted.
double flops_of_a_sweep(const SweptRows& v, Index components, double beta);
/// The same in words: "4 k an entry + 4 k^2 a row".
std::string flops_formula(double beta);

}  // namespace mpinmf
