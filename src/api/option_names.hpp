// The names of values that options are given by.
#pragma once

#include <string>
#include <vector>

namespace mpinmf {

std::vector<std::string> stop_names();
std::vector<std::string> norm_names();

}  // namespace mpinmf
