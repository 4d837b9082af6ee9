// Two builds of mpinmf-bench in alternation.
#pragma once

#include "arguments.hpp"

namespace mpinmf::bench {

/// Runs this program and `arguments.other` in turn, each as a child through the launcher, and prints per case how
/// the medians compare. Must not be called where MPI has started. A signal ends the children and then this
/// program. Throws UsageError inside an MPI job, SystemError when a child fails.
void compare(const Arguments& arguments);

}  // namespace mpinmf::bench
