// trace.csv: the costs of a fit, one line an iteration.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "mpinmf/trace.hpp"

namespace mpinmf::report {

/// The columns iteration, seconds, loss, reconstruction_error, mean_row_norm, relative_error, with as many digits
/// as give the same double back. What is unknown is left empty.
std::string trace_csv(std::span<const TraceRow> trace);

/// The inverse of trace_csv. Throws BadData, naming `path` and the line.
std::vector<TraceRow> parse_trace_csv(const std::string& text, const std::string& path);

}  // namespace mpinmf::report
