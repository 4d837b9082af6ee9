// Weights of rows or columns.
#pragma once

#include <vector>

namespace mpinmf {

/// What the rows of V, or its columns, were multiplied by so that they count by weights (DataMatrix::scaled).
struct WeightScales {
  double beta = 2;                      ///< of the divergence in which they do
  std::vector<double> of_rows = {};     ///< of this rank
  std::vector<double> of_columns = {};  ///< or of all columns, in V's order
  double known = 0;                     ///< the sum over all entries that are known of what each was multiplied by
};

}  // namespace mpinmf
