// Standard error, for progress, notes and faults.
#pragma once

#include <string>

namespace mpinmf::report {

/// Writes `text` to standard error. That it is full or closed is no reason to end a run, so errors are ignored.
void say(const std::string& text);

/// A note: not a fault, does not end the run.
void note(const std::string& text);

}  // namespace mpinmf::report
