// Pictures, drawn by gnuplot.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace mpinmf::report {

/// What draw_picture says where there is no gnuplot.
inline constexpr const char* no_gnuplot = "gnuplot is not installed";

/// A text of gnuplot's in single quotes: nothing in it is interpreted, a quote is doubled.
std::string gnuplot_quoted(const std::string& text);

/// What a script begins with: where it draws to, and what the axes are called.
std::string gnuplot_head(const std::string& terminal, const std::string& output, const std::string& x_label,
                         const std::string& y_label);

/// In pixels.
struct PictureSize {
  std::int64_t width = 800, height = 500;
};

/// The gnuplot commands that draw to (terminal, output).
using GnuplotScript = std::function<std::string(const std::string& terminal, const std::string& output)>;

/// Draws STEM.svg and STEM.png and returns an empty text, or draws nothing and returns what is in the way
/// (no gnuplot, say). Never throws for that: a picture is not worth a result. Does not communicate.
/// Texts are 18 pixels high, so that a picture is legible at half its size, too.
std::string draw_picture(const GnuplotScript& script, const std::string& stem, PictureSize size = {});

}  // namespace mpinmf::report
