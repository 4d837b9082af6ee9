// Images in a grid.
#include <algorithm>
#include <cmath>

#include "report/component_pictures.hpp"

namespace mpinmf::report {
namespace {

constexpr double gap = 8;
constexpr double most_side = 380;  // of a tile

struct Grid {
  std::size_t columns;
  double tile_width, tile_height, cell_width, cell_height;
  bool has_titles;
};

/// As wide as there is room for, in whole multiples of a pixel where it may be.
double stretched(Index pixels, double room) {
  const auto own = static_cast<double>(pixels);
  return own > room ? room : own * std::floor(room / own);
}

/// Of a number of tiles that makes the whole about as high as wide, if all are like the first.
Grid grid_for(std::span<const Tile> tiles, std::size_t group) {
  constexpr std::size_t most_columns = 20;
  const Raster& raster = tiles[0].raster;
  const double aspect = static_cast<double>(raster.height) / static_cast<double>(raster.width);
  const auto even = static_cast<std::size_t>(std::ceil(std::sqrt(static_cast<double>(tiles.size()) * aspect)));
  const std::size_t least = std::min<std::size_t>(tiles.size(), 2);
  std::size_t columns = std::clamp(even, least, std::min(most_columns, tiles.size()));
  columns = std::max<std::size_t>(1, columns / group) * group;
  Grid grid{};
  grid.columns = columns;
  const double room = std::floor(static_cast<double>(picture_width) / static_cast<double>(columns)) - gap;
  grid.tile_width = stretched(raster.width, std::min(most_side, room));
  grid.tile_height = grid.tile_width * aspect;
  if (grid.tile_height > most_side) {  // a high and narrow one
    grid.tile_height = stretched(raster.height, most_side);
    grid.tile_width = std::max(gap, grid.tile_height / aspect);
  }
  grid.tile_height = std::max(grid.tile_height, gap);  // a wide and flat one
  constexpr double least_for_titles = 36;
  grid.has_titles = room >= least_for_titles;
  constexpr double least_cell = 130;  // of a few narrow ones, for their titles
  grid.cell_width = std::clamp(grid.tile_width + gap, std::min(least_cell, room + gap), room + gap);
  grid.cell_height = grid.tile_height + gap + (grid.has_titles ? line_height : 0);
  return grid;
}

}  // namespace

Index tile_pixels(std::size_t tiles) {
  // twice what a square one has room for: others are wider
  const double fair = 2 * static_cast<double>(picture_width) / std::ceil(std::sqrt(static_cast<double>(tiles)));
  return static_cast<Index>(std::min(most_side, fair));
}

std::string draw_tiles(std::span<const Tile> tiles, std::size_t group, const std::string& stem) {
  const Grid grid = grid_for(tiles, group);
  const std::size_t rows = (tiles.size() + grid.columns - 1) / grid.columns;
  Canvas canvas(static_cast<Index>(grid.cell_width * static_cast<double>(grid.columns)),
                static_cast<Index>(std::ceil(grid.cell_height * static_cast<double>(rows) + gap)));
  for (std::size_t t = 0; t < tiles.size(); ++t) {
    const double left = gap / 2 + grid.cell_width * static_cast<double>(t % grid.columns);
    double top = gap / 2 + grid.cell_height * static_cast<double>(t / grid.columns);
    if (grid.has_titles) {
      canvas.text(left, top + line_height / 2, fitting(tiles[t].title, grid.cell_width));
      top += line_height;
    }
    const Box box{left, top, grid.tile_width, grid.tile_height};
    canvas.image(box, tiles[t].raster);
    canvas.frame(box);
  }
  return canvas.draw(stem);
}

}  // namespace mpinmf::report
