// What the entries of V count in a fit (--weights).
#pragma once

#include "arguments.hpp"
#include "mpinmf/data_matrix.hpp"

namespace mpinmf::cli {

/// V with weights is held in memory. Throws UsageError where the disk is asked for.
void prepare_weights(FitArguments& arguments);

/// How V will be held in a fit: as it is, or where there are weights, the entries that count with these. Throws
/// ShapeMismatch. Collective.
MatrixHeader weighted_header(const Comm& comm, const FitArguments& arguments, const MatrixHeader& header);

/// V as fits are to see it. Collective; throws as load and DataMatrix::weighted do.
template <class T>
DataMatrix<T> with_weights(const FitArguments& arguments, DataMatrix<T> v);

}  // namespace mpinmf::cli
