// Which component of one model is which of another.
#pragma once

#include <vector>

#include "mpinmf/matrix.hpp"

namespace mpinmf::topics {

/// Cosines of the rows of a (k x n) and b (l x n): k x l numbers. Of a row that is 0: 0.
Matrix<double> cosines_of_rows(ConstMatrixView<double> a, ConstMatrixView<double> b);

/// The matching of rows and columns with the largest sum of entries, min(k, l) pairs: for each row of the k x l
/// matrix its column, or -1. By shortest augmenting paths (the Hungarian algorithm; Kuhn 1955, Munkres 1957, in
/// the form of Jonker and Volgenant 1987), O(min(k, l)^2 max(k, l)) steps. @pre entries are finite
std::vector<Index> best_matching(ConstMatrixView<double> gains);

}  // namespace mpinmf::topics
