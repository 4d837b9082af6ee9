// Of which fit a checkpoint or a result is: what must be the same where one goes on.
#pragma once

#include <span>
#include <string>

#include "arguments.hpp"
#include "io/checkpoint/checkpoint.hpp"
#include "mpinmf/data_matrix.hpp"
#include "mpinmf/load.hpp"

namespace mpinmf::cli {

/// A fit before V is read.
struct AskedFit {
  const FitArguments& arguments;
  Options options;  ///< with nothing left to choose
  const MatrixHeader& header;
  bool single_precision;
};

/// What --resume makes of an option that has another value than in the run before.
struct OptionFate {
  const char* option;  ///< its first long name, or V
  bool is_refused;     ///< or else fine
  const char* fact;    ///< what a checkpoint calls it; null: `why` says who knows, or why it is fine
  std::string (*value)(const AskedFit&);  ///< of that fact
  const char* why;
};
/// One for every option of fit.
std::span<const OptionFate> fates_of_options();

/// What the options and V's shape tell, before V is read.
io::Facts fit_identity(const FitArguments& arguments, const Options& options, const MatrixHeader& header,
                       bool single_precision);

/// The same of what is in the files that a fit starts from, where it does. Reads them once; collective. Throws
/// SystemError.
io::Facts start_identity(const Comm& comm, const SolverArguments& arguments);

/// The same with what only the entries of V tell. Reads all of V once; collective.
template <class T>
io::Facts data_identity(const DataMatrix<T>& v);

/// facts <- facts and more.
void append(io::Facts& facts, io::Facts more);

}  // namespace mpinmf::cli
