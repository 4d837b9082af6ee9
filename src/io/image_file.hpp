// Images in files: PNG, and PGM and PPM of Netpbm, plain or raw.
#pragma once

#include <string>
#include <vector>

#include "mpinmf/matrix.hpp"

namespace mpinmf::io {

/// What images of one matrix have in common.
struct ImageKind {
  Index width = 0, height = 0;
  Index channels = 1;  ///< 1: grey; 3: red, green and blue
  Index largest = 0;   ///< that a value may be: 255 or 65535 of PNG

  Index numbers() const { return width * height * channels; }
  std::string text() const;  ///< for messages
  bool operator==(const ImageKind&) const = default;
};

/// Whether a name ends as those of such images do.
bool is_image_name(const std::string& path);

/// Reads the header. Throws SystemError, BadData: no such image, one with transparency, or one that promises more
/// than its file can hold.
ImageKind image_kind(const std::string& path);

/// Throws BadData unless the image `found` is as the others.
void require_kind(const std::string& path, const ImageKind& found, const ImageKind& wanted);

/// Its values as they are stored, row by row, the channels of a pixel together. `kind` is what it must be: throws
/// the same, and BadData where it is not, or is damaged. @pre room for kind.numbers()
void read_image(const std::string& path, const ImageKind& kind, double* out);

}  // namespace mpinmf::io
