// How much nearer a row is to its own cluster than to the next one.
#pragma once

#include <span>
#include <vector>

#include "mpinmf/matrix.hpp"

namespace mpinmf::stability {

/// Of each row s = (b - a) / max(a, b): a is its mean distance to the others of its cluster, b the least mean
/// distance to the rows of another cluster (Rousseeuw 1987). 0 for a row alone in its cluster, as in scikit-learn;
/// 1 where all rows are in one cluster, as in pyDNMFk. Rows labelled -1 belong nowhere: theirs is NaN.
/// @pre distances is r x r, labels has r entries from -1 to k - 1
std::vector<double> silhouettes(ConstMatrixView<double> distances, std::span<const Index> labels, Index k);

/// Of the numbers that are not NaN. NaN of none.
double mean(std::span<const double> numbers);

}  // namespace mpinmf::stability
