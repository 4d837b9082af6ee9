// Standard error, for progress, notes and faults.
#pragma once

#include <string>

namespace mpinmf::report {

/// Writes `text` to standard error. That it is full or closed is no reason to end a run, so errors are ignored.
void say(const std::string& text);

}  // namespace mpinmf::report
