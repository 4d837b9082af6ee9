// Vectors that are images: which number is which pixel, and images that shrink to what a picture has room for.
#pragma once

#include <string>
#include <vector>

#include "canvas.hpp"

namespace mpinmf::report {

/// How `height * width * channels` numbers are an image: as NumPy's reshape(height, width, channels) reads them,
/// in order C (the channel moves fastest, then the column) or F (the row moves fastest, the channel slowest).
struct PixelGrid {
  Index height = 1, width = 1, channels = 1;
  bool fortran = false;

  Index numbers() const { return height * width * channels; }
};

/// Up to three shapes of `pixels` pixels that are nearest to the wanted one, such as "19x19, 1x361".
std::string nearest_shapes(Index pixels, Index height, Index width);

/// An image of at most so many pixels in height and width; each is the mean of those of the grid that it stands
/// for. Takes 16 bytes a number.
class ShrunkImage {
 public:
  ShrunkImage(const PixelGrid& grid, Index most);

  /// Number `index` of the grid.
  void add(Index index, double value);
  double largest() const;
  /// From 0 to `most`: black to white, or red, green and blue for three channels, or the colours of viridis.
  Raster raster(double most, bool in_viridis = false) const;

 private:
  double mean(std::size_t cell) const { return counts_[cell] > 0 ? sums_[cell] / counts_[cell] : 0; }

  PixelGrid grid_;
  Index height_, width_;
  std::vector<double> sums_, counts_;  // height x width x channels
};

}  // namespace mpinmf::report
