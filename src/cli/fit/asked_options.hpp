// What was typed, as options of the first fit.
#pragma once

#include "arguments.hpp"

namespace mpinmf::cli {

/// arguments.options, checked for every k. Throws UsageError.
void set_options(FitArguments& arguments);

}  // namespace mpinmf::cli
