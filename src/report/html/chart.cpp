#include "chart.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "markup.hpp"
#include "report/pictures/palette.hpp"

namespace mpinmf::report::html {
namespace {

constexpr double chart_width = 520, chart_height = 320, left = 74, right = 12, top = 10, bottom = 48;
/// A longer line is drawn through so many of its points, about two a pixel; few points are marked.
constexpr std::size_t most_drawn = 1000, most_marked = 30;

/// One axis: a range of numbers over pixels.
struct Axis {
  double least = 0, most = 1, from = 0, to = 1;
  bool is_logarithmic = false;

  double scaled(double value) const { return is_logarithmic ? std::log10(value) : value; }
  double at(double value) const { return from + (to - from) * (scaled(value) - least) / (most - least); }
};

/// The largest of 1, 2, 5 times a power of ten that gives at least `count` steps in the range.
double round_step(double range, int count) {
  const double rough = range / count, power = std::pow(10, std::floor(std::log10(rough)));
  const double share = rough / power;
  return power * (share >= 5 ? 5 : share >= 2 ? 2 : 1);
}

void widen(Axis& axis) {
  if (axis.most - axis.least > 1e-12 * std::max(std::abs(axis.most), 1e-300)) return;
  const double pad = axis.is_logarithmic ? 0.5 : axis.most == 0 ? 1 : 0.1 * std::abs(axis.most);
  axis.least -= pad;
  axis.most += pad;
}

std::vector<double> ticks(const Axis& axis, int count, bool is_whole) {
  std::vector<double> values;
  if (axis.is_logarithmic && axis.most - axis.least >= 1) {
    const int stride = std::max(1, static_cast<int>((axis.most - axis.least) / count));
    for (int power = static_cast<int>(std::ceil(axis.least)); power <= axis.most; power += stride) {
      values.push_back(std::pow(10, power));
    }
    if (values.size() > 1) return values;
    values.clear();
  }
  const double low = axis.is_logarithmic ? std::pow(10, axis.least) : axis.least;
  const double high = axis.is_logarithmic ? std::pow(10, axis.most) : axis.most;
  double step = round_step(high - low, count);
  if (is_whole) step = std::max(step, 1.0);
  const double slack = 1e-9 * step;
  for (double i = std::ceil((low - slack) / step); i * step <= high + slack && values.size() < 50; ++i) {
    values.push_back(i * step + 0.0);  // -0 is 0
  }
  return values;
}

std::vector<Line> drawable(std::span<const Line> lines) {
  std::vector<Line> kept;
  for (const Line& line : lines) {
    Line own{line.title, {}};
    for (const auto& point : line.points) {
      if (std::isfinite(point.x) && std::isfinite(point.y)) own.points.push_back(point);
    }
    if (!own.points.empty()) kept.push_back(std::move(own));
  }
  return kept;
}

Axis fitted_axis(std::span<const Line> lines, double Line::Point::*number, bool is_logarithmic) {
  Axis axis;
  axis.least = axis.most = lines[0].points[0].*number;
  for (const Line& line : lines) {
    for (const auto& point : line.points) {
      axis.least = std::min(axis.least, point.*number);
      axis.most = std::max(axis.most, point.*number);
    }
  }
  axis.is_logarithmic = is_logarithmic && axis.least > 0;
  if (axis.is_logarithmic) {
    axis.least = std::log10(axis.least);
    axis.most = std::log10(axis.most);
  }
  widen(axis);
  return axis;
}

std::string axes_svg(const Picture& picture, const Axis& x, const Axis& y) {
  std::string svg;
  for (const double value : ticks(y, 5, false)) {
    svg += fmt::format(
        "<line class=\"grid\" x1=\"{}\" x2=\"{}\" y1=\"{:.1f}\" y2=\"{:.1f}\"/>"
        "<text x=\"{}\" y=\"{:.1f}\" text-anchor=\"end\">{:.5g}</text>\n",
        x.from, x.to, y.at(value), y.at(value), x.from - 6, y.at(value) + 5, value);
  }
  for (const double value : ticks(x, 5, true)) {
    svg += fmt::format("<text x=\"{:.1f}\" y=\"{}\" text-anchor=\"middle\">{:.6g}</text>\n", x.at(value),
                       y.from + 19, value);
  }
  return svg + fmt::format(
                   "<path class=\"axis\" d=\"M{0} {1}V{2}H{3}\"/>\n"
                   "<text x=\"{4}\" y=\"{5}\" text-anchor=\"middle\">{6}</text>\n"
                   "<text transform=\"translate(15 {7}) rotate(-90)\" text-anchor=\"middle\">{8}</text>\n",
                   x.from, y.to, y.from, x.to, (x.from + x.to) / 2, chart_height - 8, escaped(picture.x),
                   (y.from + y.to) / 2, escaped(picture.y));
}

/// Its colour; where colours come again, dashed.
std::string line_class(std::size_t line) {
  return fmt::format("c{}{}", line % line_colours, line / line_colours % 2 == 1 ? " again" : "");
}

std::string line_svg(const Line& line, std::size_t number, const Axis& x, const Axis& y) {
  const std::size_t count = line.points.size(), stride = (count + most_drawn - 1) / most_drawn;
  std::string points, marks;
  for (std::size_t i = 0; i < count; ++i) {
    if (i % stride != 0 && i + 1 != count) continue;
    const double px = x.at(line.points[i].x), py = y.at(line.points[i].y);
    points += fmt::format("{}{:.1f},{:.1f}", points.empty() ? "" : " ", px, py);
    if (count <= most_marked) {
      marks += fmt::format("<circle class=\"c{}\" cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3\"/>", number % line_colours,
                           px, py);
    }
  }
  return fmt::format("<polyline class=\"{}\" points=\"{}\"/>{}\n", line_class(number), points, marks);
}

std::string legend_html(std::span<const Line> lines) {
  if (lines.size() < 2) return "";
  std::string items;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    items += fmt::format(
        "<li><svg viewBox=\"0 0 32 12\" aria-hidden=\"true\"><line class=\"{}\" x1=\"0\" x2=\"32\" y1=\"6\" "
        "y2=\"6\"/></svg>{}</li>\n",
        line_class(i), escaped(lines[i].title));
  }
  return "<ul class=\"legend\">\n" + items + "</ul>\n";
}

/// What a screen reader says: where each line begins and ends.
std::string described(std::span<const Line> lines) {
  std::string text;
  for (const Line& line : lines) {
    const auto &first = line.points.front(), &last = line.points.back();
    text += fmt::format("{}{}: {:.6g} at {:.6g}", text.empty() ? "" : "; ", line.title, first.y, first.x);
    if (line.points.size() > 1) text += fmt::format(" to {:.6g} at {:.6g}", last.y, last.x);
  }
  return text;
}

}  // namespace

std::string chart_html(const Picture& picture, const std::string& id) {
  const std::vector<Line> lines = drawable(picture.lines);
  if (lines.empty()) return "";
  Axis x = fitted_axis(lines, &Line::Point::x, false), y = fitted_axis(lines, &Line::Point::y, picture.log_y);
  x.from = left;
  x.to = chart_width - right;
  y.from = chart_height - bottom;
  y.to = top;
  std::string svg = fmt::format(
      "<svg class=\"chart\" role=\"img\" viewBox=\"0 0 {} {}\" aria-labelledby=\"{}-name {}-says\">\n"
      "<title id=\"{}-name\">{}</title><desc id=\"{}-says\">{}</desc>\n",
      chart_width, chart_height, id, id, id, escaped(picture.title), id, escaped(described(lines)));
  svg += axes_svg(picture, x, y);
  for (std::size_t i = 0; i < lines.size(); ++i) svg += line_svg(lines[i], i, x, y);
  return "<figure>\n" + svg + "</svg>\n" + legend_html(lines) + "</figure>\n";
}

}  // namespace mpinmf::report::html
