#include "plot.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "gnuplot.hpp"
#include "report/pictures/palette.hpp"

namespace mpinmf::report {
namespace {

/// Whether a picture can show a point on these axes.
bool is_shown(const Line::Point& point, LogAxes log) {
  return std::isfinite(point.y) && (!log.x || point.x > 0) && (!log.y || point.y > 0);
}

/// The logarithmic axes that were asked for, without those on which nothing would be left.
LogAxes useful_log_axes(const Picture& picture) {
  const auto shows = [&](LogAxes log) {
    return std::any_of(picture.lines.begin(), picture.lines.end(), [&](const Line& line) {
      return std::any_of(line.points.begin(), line.points.end(),
                         [&](const Line::Point& point) { return is_shown(point, log); });
    });
  };
  LogAxes log{picture.log_x, picture.log_y};
  if (log.y && !shows(log)) log.y = false;
  if (log.x && !shows(log)) log.x = false;
  return log;
}

/// The gnuplot commands that draw it. Lines without points are left out.
std::string gnuplot_script(const Picture& picture, const std::string& terminal, const std::string& output) {
  const LogAxes log = useful_log_axes(picture);
  std::string data, lines;
  std::size_t drawn = 0;
  for (const Line& line : picture.lines) {
    std::string points;
    std::size_t count = 0;
    for (const Line::Point& point : line.points) {
      if (!is_shown(point, log)) continue;
      points += fmt::format("{} {:.17g}\n", point.x, point.y);
      ++count;
    }
    if (count == 0) continue;
    data += fmt::format("$curve{} << EOD\n{}EOD\n", drawn, points);
    lines += fmt::format("{}$curve{} using 1:2 with {} linewidth 2 linecolor rgb '{}' dashtype {} title {}",
                         drawn == 0 ? "" : ", ", drawn, count > 1 ? "lines" : "points pointtype 7",
                         hex(line_colour(drawn)), drawn / line_colours + 1, gnuplot_quoted(line.title));
    ++drawn;
  }
  std::string text = data + gnuplot_head(terminal, output, picture.x, picture.y);
  if (!picture.title.empty()) text += fmt::format("set title {} noenhanced\n", gnuplot_quoted(picture.title));
  if (log.x) text += "set logscale x\n";
  if (log.y) text += "set logscale y\nset format y '%g'\n";
  if (log.x && log.y) text += "set key outside right\n";
  if (picture.least_y > 0) text += fmt::format("set yrange [{}:]\n", picture.least_y);
  text += drawn > 1 ? "set key noenhanced\n" : "unset key\n";
  return text + "plot " + lines + "\n";
}

std::string spectrum_script(std::span<const SpectrumRow> rows, const std::string& terminal,
                            const std::string& output) {
  std::string text = "$spectrum << EOD\n";
  for (std::size_t c = 0; c < rows.size(); ++c) {
    text += fmt::format("{} {:.17g} {:.17g}\n", c + 1, rows[c].value, rows[c].cumulative_share);
  }
  text += "EOD\n" + gnuplot_head(terminal, output, "Component", "Singular value");
  // gnuplot leaves out what is 0, but needs something to show
  if (rows[0].value > 0) text += "set logscale y\n";
  text += "set y2label 'Cumulative share of ||V||²'\n";
  text +=
      fmt::format("set xrange [0.5:{}.5]\nset y2range [0:1]\nset ytics nomirror\nset y2tics\nset key noenhanced\n",
                  rows.size());
  return text +
         fmt::format(
             "plot $spectrum using 1:2 with linespoints pointtype 7 linecolor rgb '{}' title 'Singular value', "
             "$spectrum using 1:3 axes x1y2 with lines linewidth 2 linecolor rgb '{}' title 'Cumulative share'\n",
             hex(line_colour(0)), hex(line_colour(1)));
}

}  // namespace

std::string draw(const Picture& picture, const std::string& stem) {
  return draw_picture([&](const std::string& terminal,
                          const std::string& output) { return gnuplot_script(picture, terminal, output); },
                      stem);
}

std::string draw_costs(std::span<const Curve> curves, const std::string& stem, LogAxes log) {
  Picture picture;
  picture.log_x = log.x;
  picture.log_y = log.y;
  picture.x = "Number of updates";
  picture.y = "Reconstruction error";
  for (const Curve& curve : curves) {
    Line line{curve.title, {}};
    for (const TraceRow& row : curve.trace) {
      const double error = row.cost.reconstruction_error;
      if (std::isfinite(error)) line.points.push_back({static_cast<double>(row.iteration), error});
    }
    if (line.points.empty()) return fmt::format("{} has no reconstruction error to draw", curve.title);
    picture.lines.push_back(std::move(line));
  }
  return draw(picture, stem);
}

std::string draw_spectrum(std::span<const SpectrumRow> rows, const std::string& stem) {
  return draw_picture([&](const std::string& terminal,
                          const std::string& output) { return spectrum_script(rows, terminal, output); },
                      stem);
}

}  // namespace mpinmf::report
