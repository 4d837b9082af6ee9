// run.json for people.
#pragma once

#include <string>

#include "run_rows.hpp"

namespace mpinmf::report {

/// One page: what was asked, how it ended, where it ran, what took how long, and hints. Leaves out what the file
/// does not say, as files of older versions do.
std::string run_report(const JsonFields& run);

}  // namespace mpinmf::report
