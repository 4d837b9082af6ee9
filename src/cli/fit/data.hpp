// The beginning of a fit, or of several: whatever can fail without V, then V.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "cli/data_names.hpp"
#include "mpinmf/data_matrix.hpp"
#include "mpinmf/load.hpp"
#include "mpinmf/resolved_options.hpp"

namespace mpinmf::cli {

/// What V's file says before it is read, and how its rows and columns are called.
struct UnreadV {
  MatrixHeader header;
  DataNames names;
};
/// Completes `arguments.input`, and throws where fits ask what such a V has not. Collective.
UnreadV open_v(const Comm& comm, FitArguments& arguments);

/// What is found out before V is read.
struct BeforeReading {
  LoadOptions how;                 ///< to read V, and where to put it
  std::vector<std::string> hints;  ///< to be given when V has turned out to be good; some are empty
};
/// Throws, before V is read, where a start from files has the wrong shape or the largest k needs more memory than
/// there is, or more disk. `options`: of the fit with the largest k. Collective.
template <class T>
BeforeReading check_before_reading(const Comm& comm, const FitArguments& arguments, const ResolvedOptions& options,
                                   const MatrixHeader& header);

template <class T>
struct FitData {
  DataMatrix<T> v;
  double read_seconds;
  std::vector<std::string> warnings;  ///< that were given (cli/warnings.hpp)
};
/// Warns of what makes fits slow, reads V, once for all of them, and gives the hints. Collective.
template <class T>
FitData<T> read_data(const Comm& comm, const FitArguments& arguments, const ThreadPlan& threads,
                     const BeforeReading& found);

/// V as the fit with this seed sees it, where a survey asks for noise. Collective.
template <class T>
std::optional<DataMatrix<T>> with_noise(const FitArguments& arguments, const DataMatrix<T>& v, const Seed& seed);

/// "V: 40 x 30, dense; k = 5; 3 ranks with 1 thread each", for the summaries. `components`: "k = 5".
template <class T>
std::string data_line(const DataMatrix<T>& v, const std::string& components, const ThreadPlan& threads);

}  // namespace mpinmf::cli
