// The tutorial's picture: reconstruction error over the number of updates, drawn by gnuplot.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "mpinmf/trace.hpp"

namespace mpinmf::report {

struct Curve {
  std::string title;
  std::vector<TraceRow> trace;
};

/// What draw_costs says where there is no gnuplot.
inline constexpr const char* no_gnuplot = "gnuplot is not installed";

/// Draws STEM.svg and STEM.png and returns an empty text, or draws nothing and returns what is in the way
/// (no gnuplot, say). Never throws for that: a picture is not worth a result. Does not communicate.
std::string draw_costs(std::span<const Curve> curves, const std::string& stem);

/// The gnuplot commands behind it.
std::string gnuplot_script(std::span<const Curve> curves, const std::string& terminal, const std::string& output);

}  // namespace mpinmf::report
