// The options of fit that are not the model's: several fits, results, checkpoints, limits.
#pragma once

#include <span>

#include "arguments.hpp"
#include "cli/command_option.hpp"

namespace mpinmf::cli {

using FitOption = CommandOption<FitArguments>;
/// In the order of --help, after those of input and of the model.
std::span<const FitOption> fit_options();

}  // namespace mpinmf::cli
