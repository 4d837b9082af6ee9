// How much what V holds counts in the loss (--weights).
#pragma once

#include "mpinmf/data_matrix.hpp"
#include "solver_arguments.hpp"

namespace mpinmf::cli {

/// What the file of weights has one for each of; `nothing`: of each entry. Throws ShapeMismatch where V has no
/// such. Collective.
ScaledBy lines_of_weights(const Comm& comm, const InputArguments& input, const MatrixHeader& header);

/// V is to be scaled by weights of these, in floating point. Throws UsageError. Does not communicate.
void scale_by_weights(InputArguments& input, ScaledBy lines, MatrixHeader& header);
/// V is to have a weight beside each entry, in memory. Throws UsageError. Does not communicate.
void weigh_entries(InputArguments& input);

/// How V will be held: as it is, or where entries have weights, those that count with these; and what reading it
/// takes. Collective.
MatrixHeader weighted_header(const Comm& comm, const InputArguments& input, const MatrixHeader& header);

/// Bytes of what one of so many ranks keeps of weights that V is scaled by.
double bytes_of_scales(const InputArguments& input, const MatrixHeader& header, int ranks);

/// V as the loss of this beta is to see it. Collective; throws as load, DataMatrix::scaled and
/// DataMatrix::weighted do.
template <class T>
DataMatrix<T> with_weights(const InputArguments& input, double beta, DataMatrix<T> v);

/// "rows", "columns" or "entries".
const char* words_for(ScaledBy lines);

}  // namespace mpinmf::cli
