// Rows of a part of a matrix, among those that were left out of it.
#pragma once

#include "io/subset.hpp"
#include "output_matrix.hpp"

namespace mpinmf::io {

/// A dense matrix of the rows that are kept becomes one of all: others are filled with `absent`. @pre it has
/// kept.count() rows; `kept` lives as long as it
void spread_rows(OutputMatrix& matrix, const Subset& kept, double absent);

}  // namespace mpinmf::io
