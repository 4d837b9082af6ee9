// What weights make of a fit (--weights).
#pragma once

#include "arguments.hpp"
#include "mpinmf/load.hpp"

namespace mpinmf::cli {

/// Once V's header is known: whether V is scaled, which weights of rows or columns allow for most of what a fit
/// may be asked, or each entry has a weight beside it; then V is in memory, and the loss that of what has a
/// weight. Both may change `arguments` and how V will be held. Throws ShapeMismatch, and UsageError where what was
/// asked goes with neither. Collective.
void choose_weights(const Comm& comm, FitArguments& arguments, MatrixHeader& header);

}  // namespace mpinmf::cli
