// Colours that colour-blind readers can tell apart.
#pragma once

#include <cstddef>
#include <string>

namespace mpinmf::report {

struct Rgb {
  unsigned char red, green, blue;
};

/// "#0072b2"
std::string hex(Rgb colour);

/// Colours for lines and bars, of Okabe and Ito ("Color Universal Design", 2008), without their yellow, which is
/// pale on white. They begin again after `line_colours`.
inline constexpr std::size_t line_colours = 7;
Rgb line_colour(std::size_t line);
/// A light one of them, on which black text is legible.
inline constexpr Rgb light_blue = {0x56, 0xb4, 0xe9};
inline constexpr Rgb middle_grey = {0x88, 0x88, 0x88};

/// Of a share in [0, 1]; what is outside counts as the nearest end. Viridis (van der Walt and Smith, 2015) rises
/// evenly in lightness, as grey does.
Rgb viridis(double share);
Rgb grey(double share);

}  // namespace mpinmf::report
