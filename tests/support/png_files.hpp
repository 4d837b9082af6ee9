// PNG images for tests.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <string>

/// The code of PNG for what a pixel is.
enum class PngColour : char { grey = 0, rgb = 2, palette = 3, grey_alpha = 4 };

inline std::string png_number(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xffU);
  return bytes;
}
inline std::string png_chunk(const std::string& name, const std::string& content) {
  const std::string all = name + content;
  const auto sum = crc32(0, reinterpret_cast<const Bytef*>(all.data()), static_cast<uInt>(all.size()));
  return png_number(static_cast<std::uint32_t>(content.size())) + all +
         png_number(static_cast<std::uint32_t>(sum));
}
/// `rows`: the bytes of all rows, as PNG has them. `palette`: of three bytes each.
inline std::string png_bytes(std::uint32_t width, std::uint32_t height, int bits, PngColour colour,
                             const std::string& rows, const std::string& palette = "") {
  std::string filtered;
  const std::size_t row = rows.size() / height;
  for (std::uint32_t y = 0; y < height; ++y) filtered += std::string(1, 0) + rows.substr(y * row, row);
  uLongf size = compressBound(filtered.size());
  std::string packed(size, 0);
  compress(reinterpret_cast<Bytef*>(packed.data()), &size, reinterpret_cast<const Bytef*>(filtered.data()),
           filtered.size());
  packed.resize(size);
  const std::string header = png_number(width) + png_number(height) + static_cast<char>(bits) +
                             static_cast<char>(colour) + std::string(3, 0);
  return "\x89PNG\r\n\x1a\n" + png_chunk("IHDR", header) + (palette.empty() ? "" : png_chunk("PLTE", palette)) +
         png_chunk("IDAT", packed) + png_chunk("IEND", "");
}
