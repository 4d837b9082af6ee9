// PGM and PPM images (netpbm.sourceforge.net/doc/pgm.html, ppm.html): P2, P3, P5 and P6.
#pragma once

#include <string>

#include "image_file.hpp"

namespace mpinmf::io {

/// As image_kind and read_image.
ImageKind netpbm_kind(const std::string& path);
void read_netpbm(const std::string& path, const ImageKind& kind, double* out);

}  // namespace mpinmf::io
