// The pictures of a scaling study, drawn by gnuplot.
#pragma once

#include <string>

#include "study.hpp"

namespace mpinmf::scaling {

/// The speed-up (weak: the efficiency) over the ranks, with the ideal line and, where there is one, the model with
/// its interval. Draws STEM.svg and STEM.png, or returns what is in the way, as draw_picture does.
std::string draw_scaling(const ScalingSummary& summary, const std::string& stem);

/// Seconds of an iteration, the phases stacked, a bar for each number of ranks. The same.
std::string draw_scaling_phases(const ScalingSummary& summary, const std::string& stem);

}  // namespace mpinmf::scaling
