// What a run.json shows that a reader might overlook.
#pragma once

#include <string>
#include <vector>

#include "json_fields.hpp"

namespace mpinmf::report {

/// "the slowest rank in the sweep is 3 on n2: 1.7 x the mean": one sentence each, with what to do. Empty where
/// nothing stands out, or the file says too little.
std::vector<std::string> run_hints(const JsonFields& run);

}  // namespace mpinmf::report
