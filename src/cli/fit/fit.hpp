// `mpinmf fit`, for the command itself and for those that fit on the way.
#pragma once

#include "arguments.hpp"

namespace mpinmf::cli {

/// The options of the model and those of fit (fit_options.hpp), but for V and how it is read. They are bound to
/// `arguments`, which stay where they are until the options are parsed. `may_search`: k may be searched for.
void add_fit_options(CLI::App& app, FitArguments& arguments, bool may_search = false);

/// Checks what was asked and completes it. No MPI yet. Throws UsageError. @pre `app` has parsed its options
void prepare_fit(const CLI::App& app, FitArguments& arguments);

/// Collective.
void run_fit(const Comm& comm, const FitArguments& arguments);

}  // namespace mpinmf::cli
