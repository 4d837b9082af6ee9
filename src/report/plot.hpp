// Pictures of lines, drawn by gnuplot; among them the tutorial's, reconstruction error over the number of updates,
// and singular values.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "gnuplot.hpp"
#include "mpinmf/trace.hpp"

namespace mpinmf::report {

struct Line {
  struct Point {
    double x, y;
  };
  std::string title;
  std::vector<Point> points;
};

struct Picture {
  std::string title, x, y;            ///< x and y: what the axes show; an empty title is left out
  bool log_x = false, log_y = false;  ///< logarithmic axes; points at or below 0 are left out, unless all are
  double least_y = 0;                 ///< what is below is cut off; 0: nothing
  std::vector<Line> lines;
};

/// Draws STEM.svg and STEM.png and returns an empty text, or draws nothing and returns what is in the way
/// (no gnuplot, say). Never throws for that: a picture is not worth a result. Does not communicate.
std::string draw(const Picture& picture, const std::string& stem);

struct Curve {
  std::string title;
  std::vector<TraceRow> trace;
};

/// Which axes are logarithmic.
struct LogAxes {
  bool x = false, y = false;
};
/// The same for reconstruction error over the number of updates.
std::string draw_costs(std::span<const Curve> curves, const std::string& stem, LogAxes log = {});

/// One singular value of V: s_c, s_c^2 / ||V||^2, and the sum of these shares up to it.
struct SpectrumRow {
  double value = 0, share = 0, cumulative_share = 0;
};
/// The same with singular values (on a logarithmic axis) and cumulative shares over their
/// numbers.
std::string draw_spectrum(std::span<const SpectrumRow> rows, const std::string& stem);

}  // namespace mpinmf::report
