// Pictures of components, drawn by gnuplot: images, curves, terms, a heat map of W, and what W H leaves of V.
//
// Every function that draws writes STEM.svg and STEM.png and returns an empty text, or returns what is in the way
// (see draw_picture). None communicates.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "plot.hpp"
#include "report/pictures/canvas.hpp"

namespace mpinmf::report {

/// So many pictures of one kind are drawn side by side; of more components, the first.
inline constexpr std::size_t most_tiles = 400, most_panels = 120;
/// So many pixels in height and width are enough for one of so many tiles.
Index tile_pixels(std::size_t tiles);

struct Tile {
  std::string title;
  Raster raster;
};
/// Images in a grid. Those of a group stand in one row: a number of columns that `group` divides.
/// @pre tiles is not empty
std::string draw_tiles(std::span<const Tile> tiles, std::size_t group, const std::string& stem);

/// Points of a line over 0, 1, ..., or over the numbers of an axis where there are some: of more than 1,000
/// the largest of neighbours stands for them.
std::vector<Line::Point> curve_points(std::span<const double> values, std::span<const double> axis);

struct CurvePanel {
  std::string title;
  std::vector<Line> lines;
};
struct CurvePicture {
  std::string x, y;
  bool logarithmic = false;   ///< the y axis, over four powers of ten
  bool has_own_axes = false;  ///< each panel an x axis of its own
  std::vector<CurvePanel> panels;
};
/// One panel fills the picture, several are small and lie side by side. @pre no panel, and no line, is empty
std::string draw_curves(const CurvePicture& picture, const std::string& stem);

/// The terms that weigh most in a component, heaviest first.
struct TermPanel {
  struct Term {
    std::string name;
    double weight;
  };
  std::string title;
  std::vector<Term> terms;
};
std::string draw_terms(std::span<const TermPanel> panels, const std::string& stem);

/// W with its rows in the order of their strongest component, and for one component of its share, in at most
/// `most_bins` bins of rows.
struct HeatMap {
  static constexpr Index most_bins = 400;
  Index rows = 0, bins = 0;
  std::vector<double> shares;      ///< bins x k: what a component has of a row's part of W H, mean of the bin
  std::vector<Index> rows_before;  ///< k + 2: where the rows of a component begin, where those of none, all
};
/// Calls what it is given with every row of W, k numbers, in order.
using RowWalk = std::function<void(const std::function<void(std::span<const double>)>&)>;
/// Walks twice. `sums`: of each row of H, as W's columns have no scale of their own.
HeatMap heat_map(const RowWalk& w, std::span<const double> sums);
std::string draw_heat_map(const HeatMap& map, const std::string& stem);

/// Euclidean norms of rows and columns of V, and of what W H leaves of them.
struct Norms {
  std::vector<double> rows, rows_left;        ///< m numbers; rows as they come
  std::vector<double> columns, columns_left;  ///< n
};
/// Rows by the norm of V's, largest first, and columns in their order, over an axis where there is one.
std::string draw_residual(const Norms& norms, std::span<const double> axis, const std::string& stem);

}  // namespace mpinmf::report
