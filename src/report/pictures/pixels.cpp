#include "pixels.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace mpinmf::report {

std::string nearest_shapes(Index pixels, Index height, Index width) {
  struct Shape {
    Index height, width;
    double distance;
  };
  std::vector<Shape> shapes;
  const auto add = [&](Index h, Index w) {
    const auto ratio = [](Index a, Index b) {
      return std::abs(std::log(static_cast<double>(a)) - std::log(static_cast<double>(b)));
    };
    shapes.push_back({h, w, ratio(h, height) + ratio(w, width)});
  };
  for (Index h = 1; h <= pixels / h; ++h) {
    if (pixels % h != 0) continue;
    add(h, pixels / h);
    if (h != pixels / h) add(pixels / h, h);
  }
  std::stable_sort(shapes.begin(), shapes.end(),
                   [](const Shape& a, const Shape& b) { return a.distance < b.distance; });
  constexpr std::size_t most = 3;
  std::string text;
  for (std::size_t s = 0; s < std::min(most, shapes.size()); ++s) {
    text += fmt::format("{}{}x{}", s == 0 ? "" : ", ", shapes[s].height, shapes[s].width);
  }
  return text;
}

ShrunkImage::ShrunkImage(const PixelGrid& grid, Index most)
    : grid_(grid),
      height_(std::min(grid.height, most)),
      width_(std::min(grid.width, most)),
      sums_(static_cast<std::size_t>(height_ * width_ * grid.channels)),
      counts_(sums_.size()) {}

void ShrunkImage::add(Index index, double value) {
  Index row, column, channel;
  if (grid_.fortran) {
    row = index % grid_.height;
    column = index / grid_.height % grid_.width;
    channel = index / grid_.height / grid_.width;
  } else {
    channel = index % grid_.channels;
    column = index / grid_.channels % grid_.width;
    row = index / grid_.channels / grid_.width;
  }
  const Index y = row * height_ / grid_.height, x = column * width_ / grid_.width;
  const auto cell = static_cast<std::size_t>((y * width_ + x) * grid_.channels + channel);
  sums_[cell] += value;
  counts_[cell] += 1;
}

double ShrunkImage::largest() const {
  double most = 0;
  for (std::size_t cell = 0; cell < sums_.size(); ++cell) most = std::max(most, mean(cell));
  return most;
}

Raster ShrunkImage::raster(double most, bool in_viridis) const {
  Raster raster{width_, height_, {}};
  const auto channels = static_cast<std::size_t>(grid_.channels);
  const auto share = [&](std::size_t cell) { return most > 0 ? mean(cell) / most : 0; };
  for (std::size_t cell = 0; cell < sums_.size(); cell += channels) {
    if (channels == 1) {
      raster.pixels.push_back(in_viridis ? viridis(share(cell)) : grey(share(cell)));
    } else {
      raster.pixels.push_back({grey(share(cell)).red, grey(share(cell + 1)).red, grey(share(cell + 2)).red});
    }
  }
  return raster;
}

}  // namespace mpinmf::report
