// Of which fit a checkpoint or a result is: what must be the same where one goes on.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "io/checkpoint/checkpoint.hpp"
#include "mpinmf/data_matrix.hpp"
#include "mpinmf/load.hpp"
#include "mpinmf/resolved_options.hpp"

namespace mpinmf::cli {

/// A fit before V is read.
struct AskedFit {
  const FitArguments& arguments;
  const ResolvedOptions& options;
  const MatrixHeader& header;
  bool single_precision;
};

/// By its first long name, or V.
struct NamedFate {
  std::string option;
  bool is_refused;
  std::string fact;                                   ///< empty: `why` says what knows, or why it is fine
  std::function<std::string(const AskedFit&)> value;  ///< of that fact
  std::string why;
};
/// One for every option of fit.
std::vector<NamedFate> fates_of_options();

/// What the options and V's shape tell, before V is read.
io::Facts fit_identity(const FitArguments& arguments, const ResolvedOptions& options, const MatrixHeader& header,
                       bool single_precision);

/// The same of what is in files beside V: those that a fit starts from, and that of which entries are unknown.
/// Reads them once; collective. Throws SystemError.
io::Facts file_identity(const Comm& comm, const FitArguments& arguments);

/// The same with what only the entries of V tell. Reads all of V once; collective.
template <class T>
io::Facts data_identity(const DataMatrix<T>& v);

/// What V's file, or the files of its folder, look like in a few places; of what is generated or lies in a file
/// its name. V is another where this differs, or the same in another form. Collective. Throws SystemError.
std::string sample_of_v(const Comm& comm, const FitArguments& arguments);

/// facts <- facts and more.
void append(io::Facts& facts, io::Facts more);

}  // namespace mpinmf::cli
