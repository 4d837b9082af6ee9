// What the entries of V count in a fit (--weights).
#pragma once

#include "arguments.hpp"
#include "mpinmf/data_matrix.hpp"

namespace mpinmf::cli {

/// Once V's header is known: whether V is scaled, which weights of rows or columns allow for most of what a fit
/// may be asked, or each entry has a weight beside it; then V is in memory, and the loss that of what has a
/// weight. Both may change `arguments` and how V will be held. Throws ShapeMismatch, and UsageError where what was
/// asked goes with neither. Collective.
void choose_weights(const Comm& comm, FitArguments& arguments, MatrixHeader& header);

/// How V will be held in a fit: as it is, or where entries have weights, those that count with these; and what
/// reading it takes. Collective.
MatrixHeader weighted_header(const Comm& comm, const FitArguments& arguments, const MatrixHeader& header);

/// Bytes of what one of so many ranks keeps of weights that V is scaled by.
double bytes_of_scales(const FitArguments& arguments, const MatrixHeader& header, int ranks);

/// V as fits are to see it. Collective; throws as load, DataMatrix::scaled and DataMatrix::weighted do.
template <class T>
DataMatrix<T> with_weights(const FitArguments& arguments, DataMatrix<T> v);

}  // namespace mpinmf::cli
