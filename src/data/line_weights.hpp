// Weights of the rows of V, or of its columns, as they lie in a matrix of one column or one row.
#pragma once

#include <vector>

#include "mpinmf/data_matrix.hpp"

namespace mpinmf {

enum class WeightsOf { entries, rows, columns };

/// What `weights` are of, and that they can be: throws ShapeMismatch where their shape is that of none of the
/// three, or where they have the rows of v and are cut among ranks in another way, and BadData where some are NaN,
/// on every rank. Weights of one row or column, where v has no more, are of entries. Collective.
template <class T>
WeightsOf weights_of(const DataMatrix<T>& v, const DataMatrix<T>& weights);

/// One for each row of this rank, or, the same on every rank, one for each column; none of entries. Collective.
template <class T>
std::vector<double> line_weights(const DataMatrix<T>& weights, WeightsOf lines);

}  // namespace mpinmf
