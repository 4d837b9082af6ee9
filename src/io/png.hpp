// PNG images, by libpng.
#pragma once

#include <string>

#include "image_file.hpp"

namespace mpinmf::io {

/// As image_kind and read_image.
ImageKind png_kind(const std::string& path);
void read_png(const std::string& path, const ImageKind& kind, double* out);

}  // namespace mpinmf::io
