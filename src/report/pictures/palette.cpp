#include "palette.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace mpinmf::report {
namespace {

constexpr std::array<Rgb, line_colours> okabe_ito = {{{0x00, 0x72, 0xb2},
                                                      {0xd5, 0x5e, 0x00},
                                                      {0x00, 0x9e, 0x73},
                                                      {0xcc, 0x79, 0xa7},
                                                      {0xe6, 0x9f, 0x00},
                                                      {0x56, 0xb4, 0xe9},
                                                      {0x00, 0x00, 0x00}}};
/// Viridis at 0, 0.1 .. 1; straight lines between them are within two levels of it.
constexpr std::array<Rgb, 11> viridis_knots = {{{68, 1, 84},
                                                {72, 36, 117},
                                                {65, 68, 135},
                                                {53, 95, 141},
                                                {42, 120, 142},
                                                {33, 145, 140},
                                                {34, 168, 132},
                                                {68, 191, 112},
                                                {122, 209, 81},
                                                {189, 223, 38},
                                                {253, 231, 37}}};

unsigned char level(double value) {
  return static_cast<unsigned char>(std::lround(std::clamp(value, 0.0, 255.0)));
}

}  // namespace

std::string hex(Rgb colour) {
  return fmt::format("#{:02x}{:02x}{:02x}", colour.red, colour.green, colour.blue);
}

Rgb line_colour(std::size_t line) {
  return okabe_ito[line % line_colours];
}

Rgb viridis(double share) {
  constexpr double steps = 63;  // few eyes see more, and files are a third smaller
  const double step = std::round(std::clamp(share, 0.0, 1.0) * steps) / steps;
  const double at = step * static_cast<double>(viridis_knots.size() - 1);
  const std::size_t knot = std::min(static_cast<std::size_t>(at), viridis_knots.size() - 2);
  const double part = at - static_cast<double>(knot);
  const auto between = [&](unsigned char a, unsigned char b) { return level((1 - part) * a + part * b); };
  const Rgb low = viridis_knots[knot], high = viridis_knots[knot + 1];
  return {between(low.red, high.red), between(low.green, high.green), between(low.blue, high.blue)};
}

Rgb grey(double share) {
  const unsigned char value = level(255 * share);
  return {value, value, value};
}

}  // namespace mpinmf::report
