// Pictures, drawn by gnuplot: the tutorial's, reconstruction error over the number of updates, and singular
// values.
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

/// One singular value of V: s_c, s_c^2 / ||V||^2, and the sum of these shares up to it.
struct SpectrumRow {
  double value = 0, share = 0, cumulative_share = 0;
};
/// The same with singular values (on a logarithmic axis) and cumulative shares over their
/// numbers.
std::string draw_spectrum(std::span<const SpectrumRow> rows, const std::string& stem);

/// The gnuplot commands behind draw_costs.
std::string gnuplot_script(std::span<const Curve> curves, const std::string& terminal, const std::string& output);

}  // namespace mpinmf::report
