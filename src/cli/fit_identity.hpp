// Of which fit a checkpoint or a result is: what must be the same where one goes on.
#pragma once

#include <string>

#include "fit_arguments.hpp"
#include "io/checkpoint.hpp"
#include "mpinmf/data_matrix.hpp"
#include "mpinmf/load.hpp"

namespace mpinmf::cli {

/// What the options and V's shape tell, before V is read. Limits (iterations, seconds, tolerance), threads, and
/// what is done with the result are not part of it.
io::Facts fit_identity(const FitArguments& arguments, const Options& options, const MatrixHeader& header,
                       bool single_precision);

/// The same with what only its entries tell. Reads all of V once; collective.
template <class T>
io::Facts data_identity(const DataMatrix<T>& v);

/// facts <- facts and more.
void append(io::Facts& facts, io::Facts more);

}  // namespace mpinmf::cli
