// The rows that load on a component most.
#pragma once

#include <span>
#include <vector>

#include "mpinmf/comm.hpp"
#include "mpinmf/matrix.hpp"

namespace mpinmf::topics {

struct RankedRow {
  Index row = 0;          ///< of V
  double weight = 0;      ///< its entry of W
  double proportion = 0;  ///< of the component in this row (proportions.hpp)
};

/// For each column of W the at most `most` rows with the largest entries, the largest first, of equal ones the
/// first row; rows of weight 0 are left out. w_local is this rank's rows x k, which begin at first_row; u as in
/// proportions.hpp. Collective: each rank brings its own leading rows. The result is on the root only.
std::vector<std::vector<RankedRow>> leading_rows(const Comm& comm, ConstMatrixView<double> w_local,
                                                 Index first_row, std::span<const double> u, Index most);

}  // namespace mpinmf::topics
