// Lines over a common axis, one panel or many.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "report/component_pictures.hpp"

namespace mpinmf::report {
namespace {

constexpr std::size_t most_points = 1000;

struct Layout {
  std::size_t columns, rows;
  PictureSize size;
};

Layout layout_of(std::size_t panels) {
  if (panels == 1) return {1, 1, {}};
  constexpr std::size_t few = 3, some = 8;
  const std::size_t columns = panels <= few ? 1 : panels <= some ? 2 : 3;
  const std::size_t rows = (panels + columns - 1) / columns;
  const std::int64_t panel_height = columns == 1 ? 220 : 170;
  constexpr std::int64_t around = 60;
  return {columns, rows, {picture_width, panel_height * static_cast<std::int64_t>(rows) + around}};
}

/// Of the ticks of an axis from 0 to `most`: 1, 2 or 5 times a power of ten, so that there are about three.
double tick_step(double most) {
  const double third = most / 3, power = std::pow(10, std::floor(std::log10(third)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (third <= 1.5 * factor * power) return factor * power;
  }
  return 10 * power;
}

/// What an axis of all panels spans. Never empty.
struct Span {
  double least, most;
};
Span x_span(std::span<const CurvePanel> panels) {
  Span span{panels[0].lines[0].points[0].x, panels[0].lines[0].points[0].x};
  for (const CurvePanel& panel : panels) {
    for (const Line& line : panel.lines) {
      for (const Line::Point& point : line.points) {
        span = {std::min(span.least, point.x), std::max(span.most, point.x)};
      }
    }
  }
  if (span.most > span.least) return span;
  const double half = std::max(0.5, std::abs(span.least) / 2);
  return {span.least - half, span.most + half};
}
Span y_span(const CurvePanel& panel, bool logarithmic) {
  double most = 0;
  for (const Line& line : panel.lines) {
    for (const Line::Point& point : line.points) most = std::max(most, point.y);
  }
  if (most == 0) most = 1;
  constexpr double room = 1.05, decades = 1e-4;
  // a line along 0 is to be seen beside the axis
  return {most * (logarithmic ? decades : 1 - room), most * (logarithmic ? 2 : room)};
}

/// Points below the span lie on its edge: a component that is 0 is a line along the axis.
void append_points(const Line& line, const Span& y, const std::string& name, std::string& out) {
  fmt::format_to(std::back_inserter(out), "${} << EOD\n", name);
  for (const Line::Point& point : line.points) {
    fmt::format_to(std::back_inserter(out), "{:.10g} {:.6g}\n", point.x, std::max(point.y, y.least));
  }
  out += "EOD\n";
}

/// `colour`: of its first line.
std::string panel_script(const CurvePanel& panel, std::size_t number, std::size_t colour, bool logarithmic) {
  const Span y = y_span(panel, logarithmic);
  std::string text, plots;
  for (std::size_t l = 0; l < panel.lines.size(); ++l) {
    const Line& line = panel.lines[l];
    const std::string name = fmt::format("panel{}_{}", number, l);
    append_points(line, y, name, text);
    plots += fmt::format("{}${} using 1:2 with {} linewidth 2 linecolor rgb '{}' dashtype {} title {}",
                         l == 0 ? "" : ", ", name, line.points.size() > 1 ? "lines" : "points pointtype 7",
                         hex(line_colour(colour + l)), l / line_colours + 1, gnuplot_quoted(line.title));
  }
  // the title on the left leaves room for the key on the right
  text += fmt::format("set label 1 {} at graph 0,1 left offset 0,0.8 noenhanced\nset yrange [{:.6g}:{:.6g}]\n",
                      gnuplot_quoted(panel.title), y.least, y.most);
  constexpr double log_step = 100;
  text += fmt::format("set ytics {:.6g}\n", logarithmic ? log_step : tick_step(y.most));
  text += panel.lines.size() > 1 ? "set key noenhanced at graph 1,1.02 right bottom horizontal samplen 2\n"
                                 : "unset key\n";
  return text + "plot " + plots + "\n";
}

std::string curves_script(const CurvePicture& picture, const Layout& layout, const std::string& terminal,
                          const std::string& output) {
  std::string text = gnuplot_head(terminal, output, picture.x, picture.y);
  const std::size_t count = picture.panels.size();
  const bool many = count > 1;
  if (picture.logarithmic) text += "set logscale y\nset format y '1e%T'\n";
  if (many) {
    const auto height = static_cast<double>(layout.size.height);
    // in pixels: titles above, labels below each panel or the lowest alone; with less gnuplot leaves labels out
    const double title = 40, ticks = 44, labels = ticks + (picture.x.empty() ? 0 : 44);
    const double between = title + (picture.has_own_axes ? ticks : 10);
    text += fmt::format(
        "set multiplot layout {},{} margins screen 0.12,0.97,{:.4f},{:.4f} spacing screen 0.1,{:.4f}\n",
        layout.rows, layout.columns, labels / height, 1 - title / height, between / height);
    text += "unset ylabel\n";
  } else {
    text += "set tmargin 2.5\n";
  }
  for (std::size_t p = 0; p < count; ++p) {
    const std::span<const CurvePanel> all = picture.panels;
    const Span x = x_span(picture.has_own_axes ? all.subspan(p, 1) : all);
    text += fmt::format("set xrange [{:.10g}:{:.10g}]\nset xtics {:.6g}\n", x.least, x.most,
                        tick_step((x.most - x.least) * static_cast<double>(layout.columns) / 2));
    const bool is_lowest = picture.has_own_axes || p + layout.columns >= count;
    if (many) {
      text += is_lowest ? fmt::format("set xlabel {}\nset format x '%g'\n", gnuplot_quoted(picture.x))
                        : "unset xlabel\nset format x ''\n";
    }
    text += panel_script(picture.panels[p], p, picture.panels[p].lines.size() > 1 ? 0 : p, picture.logarithmic);
  }
  return text + (many ? "unset multiplot\n" : "");
}

}  // namespace

std::vector<Line::Point> curve_points(std::span<const double> values, std::span<const double> axis) {
  std::vector<Line::Point> points;
  const std::size_t bins = std::min(values.size(), most_points);
  for (std::size_t b = 0; b < bins; ++b) {
    const std::size_t begin = b * values.size() / bins, end = (b + 1) * values.size() / bins;
    const auto largest =
        static_cast<std::size_t>(std::max_element(values.begin() + static_cast<std::ptrdiff_t>(begin),
                                                  values.begin() + static_cast<std::ptrdiff_t>(end)) -
                                 values.begin());
    points.push_back({axis.empty() ? static_cast<double>(largest) : axis[largest], values[largest]});
  }
  return points;
}

std::string draw_curves(const CurvePicture& picture, const std::string& stem) {
  const Layout layout = layout_of(picture.panels.size());
  return draw_picture([&](const std::string& terminal,
                          const std::string& output) { return curves_script(picture, layout, terminal, output); },
                      stem, layout.size);
}

}  // namespace mpinmf::report
