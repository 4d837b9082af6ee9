#include "images.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <memory>

#include "cli/sizes.hpp"
#include "report/component_pictures.hpp"
#include "report/data_rows.hpp"
#include "report/pictures/pixels.hpp"

namespace mpinmf::cli {
namespace {

using report::PixelGrid;
using report::ShrunkImage;

/// `what`: whose numbers, "H has 361 columns".
PixelGrid grid_of(const std::string& option, const std::string& shape, Index channels, bool fortran, Index numbers,
                  const std::string& what) {
  const auto [height, width] = parse_shape(option, shape, "19x19");
  if (height <= numbers && width <= numbers && height * width * channels == numbers) {
    return {height, width, channels, fortran};
  }
  const std::string of_channels = channels > 1 ? fmt::format(" with {} channels", channels) : "";
  if (numbers % channels != 0) {
    throw ShapeMismatch(fmt::format("{} {}{} does not fit: {}, which {} does not divide", option, shape,
                                    of_channels, what, channels));
  }
  throw ShapeMismatch(fmt::format("{} {}{} does not fit: {}; shapes that do, the nearest first: {}", option, shape,
                                  of_channels, what, report::nearest_shapes(numbers / channels, height, width)));
}

PixelGrid image_grid(const Fitted& f) {
  const ComponentsArguments& a = f.asked();
  return grid_of("--image", a.image, a.channels, a.order == "fortran", f.columns(),
                 fmt::format("{} has {} columns", f.model().h_path, f.columns()));
}

/// One of so many tiles.
ShrunkImage image_of(const PixelGrid& grid, std::span<const double> numbers, std::size_t tiles) {
  ShrunkImage image(grid, report::tile_pixels(tiles));
  for (std::size_t i = 0; i < numbers.size(); ++i) image.add(static_cast<Index>(i), numbers[i]);
  return image;
}

std::span<const double> row_of(ConstMatrixView<double> matrix, Index i) {
  return {matrix.row(i), static_cast<std::size_t>(matrix.columns())};
}

std::size_t tiles_of(const Fitted& f) {
  return std::min(static_cast<std::size_t>(f.components()), report::most_tiles);
}

Drawing tiles_drawing(std::vector<report::Tile> tiles, std::size_t group) {
  return [tiles = std::move(tiles), group](const std::string& stem) {
    return report::draw_tiles(tiles, group, stem);
  };
}

void require_rows(const Fitted& f) {
  const Index rows = f.w_rows();
  for (const Index row : f.asked().rows) {
    if (row >= 0 && row < rows) continue;
    throw UsageError(fmt::format("--rows: there is no row {}: V has {} rows, counted from 0", row, rows));
  }
}

/// w H.
std::vector<double> modelled(ConstMatrixView<double> h, const double* w) {
  std::vector<double> row(static_cast<std::size_t>(h.columns()));
  for (Index c = 0; c < h.rows(); ++c) {
    for (std::size_t j = 0; j < row.size(); ++j) row[j] += w[c] * h(c, static_cast<Index>(j));
  }
  return row;
}

struct RowPair {
  Index row;
  std::vector<double> original, model;
};

std::vector<RowPair> row_pairs(const Fitted& f) {
  require_rows(f);
  const std::vector<Index>& rows = f.asked().rows;
  const Matrix<double> v = report::rows_of_data(f.data(), f.data_options(), rows);
  std::vector<RowPair> pairs;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const auto original = row_of(v.view(), static_cast<Index>(r));
    const Matrix<double> w = f.read_w(rows[r], 1);
    pairs.push_back({rows[r], {original.begin(), original.end()}, modelled(f.h(), w.row(0))});
  }
  return pairs;
}

std::vector<report::Tile> pair_tiles(const PixelGrid& grid, const std::vector<RowPair>& pairs) {
  const std::size_t count = 2 * pairs.size();
  std::vector<report::Tile> tiles;
  for (const RowPair& pair : pairs) {
    const ShrunkImage original = image_of(grid, pair.original, count), model = image_of(grid, pair.model, count);
    const double most = original.largest() > 0 ? original.largest() : model.largest();
    tiles.push_back({fmt::format("{} in V", pair.row), original.raster(most)});
    tiles.push_back({fmt::format("{} in W H", pair.row), model.raster(most)});
  }
  return tiles;
}

report::CurvePicture pair_curves(const Fitted& f, const std::vector<RowPair>& pairs) {
  const std::vector<double> axis = f.axis();
  report::CurvePicture picture{f.axis_name(), "", f.asked().logarithmic, false, {}};
  for (const RowPair& pair : pairs) {
    picture.panels.push_back(
        {fmt::format("row {}", pair.row),
         {{"V", report::curve_points(pair.original, axis)}, {"W H", report::curve_points(pair.model, axis)}}});
  }
  return picture;
}

}  // namespace

Drawing prepare_images(const Fitted& f) {
  const PixelGrid grid = image_grid(f);
  std::vector<report::Tile> tiles;
  const std::size_t count = tiles_of(f);
  for (std::size_t c = 0; c < count; ++c) {
    const ShrunkImage image = image_of(grid, row_of(f.h(), static_cast<Index>(c)), count);
    tiles.push_back({fmt::format("{}", c), image.raster(image.largest())});
  }
  return tiles_drawing(std::move(tiles), 1);
}

Drawing prepare_maps(const Fitted& f) {
  const ComponentsArguments& a = f.asked();
  const Index rows = f.w_rows();
  const PixelGrid grid = grid_of("--map", a.map, 1, a.order == "fortran", rows,
                                 fmt::format("{} has {} rows", f.model().w_path, rows));
  const std::size_t count = tiles_of(f);
  std::vector<ShrunkImage> images(count, ShrunkImage(grid, report::tile_pixels(count)));
  Index i = 0;
  f.walk_w([&](std::span<const double> row) {
    for (std::size_t c = 0; c < images.size(); ++c) images[c].add(i, row[c]);
    ++i;
  });
  std::vector<report::Tile> tiles;
  for (std::size_t c = 0; c < images.size(); ++c) {
    tiles.push_back({fmt::format("{}", c), images[c].raster(images[c].largest(), true)});
  }
  return tiles_drawing(std::move(tiles), 1);
}

Drawing prepare_reconstruction(const Fitted& f) {
  if (!f.asked().image.empty()) {
    const PixelGrid grid = image_grid(f);
    return tiles_drawing(pair_tiles(grid, row_pairs(f)), 2);
  }
  return [picture = pair_curves(f, row_pairs(f))](const std::string& stem) {
    return report::draw_curves(picture, stem);
  };
}

}  // namespace mpinmf::cli
