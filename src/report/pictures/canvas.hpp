// A picture put together from images, bars and texts, drawn by gnuplot.
#pragma once

#include <string>
#include <vector>

#include "mpinmf/matrix.hpp"
#include "palette.hpp"

namespace mpinmf::report {

/// width x height pixels, row by row from the top.
struct Raster {
  Index width = 0, height = 0;
  std::vector<Rgb> pixels;
};

/// In pixels of the picture, from its top left corner.
struct Box {
  double left, top, width, height;
};

enum class Align { left, centre, right };

/// Texts are 18 pixels high, so that half of a picture's size is legible, too.
inline constexpr double text_height = 18, line_height = 25;
inline constexpr Index picture_width = 800;

/// The first characters of a text that `pixels` have room for, with a mark where some are left out.
std::string fitting(const std::string& text, double pixels);

class Canvas {
 public:
  Canvas(Index width, Index height) : width_(width), height_(height) {}

  /// The raster's pixels are stretched to fill the box, without smoothing.
  void image(const Box& box, const Raster& raster);
  void bar(const Box& box, Rgb colour);
  void frame(const Box& box);
  /// The middle of a line of text.
  void text(double x, double y, const std::string& text, Align align = Align::left);

  /// Like draw_picture.
  std::string draw(const std::string& stem) const;

 private:
  std::string script(const std::string& terminal, const std::string& output) const;

  Index width_, height_;
  std::string data_, commands_, plots_;
  std::size_t images_ = 0;
};

}  // namespace mpinmf::report
