#include "canvas.hpp"

#include <fmt/format.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <iterator>

#include "report/gnuplot.hpp"

namespace mpinmf::report {
namespace {

/// Bytes of the character that begins with this one, in UTF-8.
std::size_t character_bytes(unsigned char first) {
  if (first >= 0xf0) return 4;
  if (first >= 0xe0) return 3;
  return first >= 0xc0 ? 2 : 1;
}

/// About as wide as most fonts draw it: ideographs are square.
double width_of(std::size_t bytes) {
  return text_height * (bytes >= 3 ? 1.0 : 0.56);
}

/// Names come from files: bytes that are no UTF-8 and control characters would break an SVG.
std::string printable(const std::string& text) {
  std::string result;
  icu::UnicodeString::fromUTF8(text).toUTF8String(result);
  std::replace_if(
      result.begin(), result.end(), [](unsigned char c) { return c < ' ' || c == 0x7f; }, ' ');
  return result;
}

std::string rectangle(const Box& box, const std::string& style) {
  return fmt::format("set object rectangle from {:.2f},{:.2f} to {:.2f},{:.2f} {}\n", box.left, box.top,
                     box.left + box.width, box.top + box.height, style);
}

}  // namespace

std::string fitting(const std::string& text, double pixels) {
  double width = 0, kept_width = 0;
  std::size_t kept = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t bytes = character_bytes(static_cast<unsigned char>(text[at]));
    width += width_of(bytes);
    at += bytes;
    if (width <= pixels - text_height) {
      kept = at;
      kept_width = width;
    }
  }
  if (width <= pixels) return text;
  return kept_width > 0 ? text.substr(0, kept) + "…" : "";
}

void Canvas::image(const Box& box, const Raster& raster) {
  const double step_x = box.width / static_cast<double>(raster.width),
               step_y = box.height / static_cast<double>(raster.height);
  auto out = std::back_inserter(data_);
  fmt::format_to(out, "$image{} << EOD\n", images_);
  // gnuplot takes the size of a pixel from its neighbours: a row or a column of them gets a second one
  const Index columns = raster.width == 1 ? 2 : 1, rows = raster.height == 1 ? 2 : 1;
  const double width = step_x / static_cast<double>(columns), height = step_y / static_cast<double>(rows);
  for (Index y = 0; y < raster.height * rows; ++y) {
    for (Index x = 0; x < raster.width * columns; ++x) {
      const Rgb c = raster.pixels[static_cast<std::size_t>(y / rows * raster.width + x / columns)];
      fmt::format_to(out, "{:.3f} {:.3f} {} {} {}\n", box.left + (static_cast<double>(x) + 0.5) * width,
                     box.top + (static_cast<double>(y) + 0.5) * height, c.red, c.green, c.blue);
    }
  }
  data_ += "EOD\n";
  plots_ += fmt::format(", $image{} using 1:2:3:4:5 with rgbimage", images_++);
}

void Canvas::bar(const Box& box, Rgb colour) {
  commands_ += rectangle(box, fmt::format("back fillcolor rgb '{}' fillstyle solid noborder", hex(colour)));
}

void Canvas::frame(const Box& box) {
  commands_ += rectangle(box, fmt::format("front fillstyle empty border rgb '{}'", hex(middle_grey)));
}

void Canvas::text(double x, double y, const std::string& text, Align align) {
  const char* side = align == Align::left ? "left" : align == Align::centre ? "center" : "right";
  commands_ += fmt::format("set label {} at {:.2f},{:.2f} {} front noenhanced\n", gnuplot_quoted(printable(text)),
                           x, y, side);
}

std::string Canvas::script(const std::string& terminal, const std::string& output) const {
  std::string text = data_ + gnuplot_head(terminal, output, "", "");
  text += fmt::format(
      "set margins 0,0,0,0\nunset grid\nunset border\nunset tics\nunset key\nset xrange [0:{}]\nset yrange "
      "[{}:0]\n",
      width_, height_);
  // a line outside, so that there is something to plot
  return text + commands_ + "plot -1" + plots_ + "\n";
}

std::string Canvas::draw(const std::string& stem) const {
  return draw_picture(
      [this](const std::string& terminal, const std::string& output) { return script(terminal, output); }, stem,
      {width_, height_});
}

}  // namespace mpinmf::report
