#include "png.hpp"

#include <fmt/format.h>
#include <png.h>

#include <array>
#include <csetjmp>
#include <cstring>
#include <span>
#include <vector>

#include "file.hpp"

namespace mpinmf::io {
namespace {

/// What libpng is told and tells. It leaves by longjmp, over frames without destructors only.
struct PngReading {
  explicit PngReading(const std::string& path) : file(File::open_to_read(path)), size(file.size()) {
    png = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, refuse, [](png_structp, png_const_charp) {});
    info = png == nullptr ? nullptr : png_create_info_struct(png);
    if (info == nullptr) {
      png_destroy_read_struct(&png, &info, nullptr);
      throw SystemError(path + ": not enough memory to read it");
    }
    png_set_read_fn(png, this, take);
  }
  ~PngReading() { png_destroy_read_struct(&png, &info, nullptr); }
  PngReading(const PngReading&) = delete;
  PngReading& operator=(const PngReading&) = delete;

  BadData fault() const {
    return BadData(fmt::format("{}: is cut short, damaged, or no PNG ({})", file.path(), what.data()));
  }

  static void refuse(png_structp png, png_const_charp message) {
    auto* const self = static_cast<PngReading*>(png_get_error_ptr(png));
    std::strncpy(self->what.data(), message, self->what.size() - 1);
    png_longjmp(png, 1);
  }
  /// No exception may pass through libpng.
  static void take(png_structp png, png_bytep out, std::size_t count) {
    auto* const self = static_cast<PngReading*>(png_get_io_ptr(png));
    if (static_cast<Index>(count) > self->size - self->next) png_error(png, "it ends too early");
    bool is_read = true;
    try {
      self->file.read_at(self->next, std::as_writable_bytes(std::span(out, count)));
    } catch (...) {
      is_read = false;
    }
    if (!is_read) png_error(png, "it cannot be read");
    self->next += static_cast<Index>(count);
  }

  File file;
  Index size = 0, next = 0;
  png_structp png = nullptr;
  png_infop info = nullptr;
  std::array<char, 200> what{};
};

/// Calls a step of libpng. False where it has failed.
template <class Step>
bool succeeds(PngReading& reading, const Step& step) {
  if (setjmp(png_jmpbuf(reading.png)) != 0) return false;
  step(reading.png, reading.info);
  return true;
}

void read_png_header(png_structp png, png_infop info) {
  png_read_info(png, info);
  png_set_expand(png);  // palettes, and 1, 2 and 4 bits
  png_set_interlace_handling(png);
  png_read_update_info(png, info);
}

ImageKind kind_of(const PngReading& reading) {
  ImageKind kind;
  kind.width = png_get_image_width(reading.png, reading.info);
  kind.height = png_get_image_height(reading.png, reading.info);
  kind.channels = png_get_channels(reading.png, reading.info);
  kind.largest = png_get_bit_depth(reading.png, reading.info) == 16 ? 65535 : 255;
  if (kind.channels != 1 && kind.channels != 3) {
    throw BadData(
        fmt::format("{}: has transparent pixels, which are no numbers; flatten the image", reading.file.path()));
  }
  constexpr Index most_pixels = Index{1} << 30;
  constexpr double best_compression = 1040, bits_a_byte = 8;  // of zlib; a pixel may be a bit
  const bool is_too_large = kind.width > most_pixels / kind.height ||
                            static_cast<double>(kind.width) * static_cast<double>(kind.height) >
                                static_cast<double>(reading.size) * best_compression * bits_a_byte;
  if (!is_too_large) return kind;
  throw BadData(fmt::format("{}: says {} x {} pixels, more than its {} bytes can hold", reading.file.path(),
                            kind.width, kind.height, reading.size));
}

}  // namespace

ImageKind png_kind(const std::string& path) {
  PngReading reading(path);
  if (!succeeds(reading, read_png_header)) throw reading.fault();
  return kind_of(reading);
}

void read_png(const std::string& path, const ImageKind& kind, double* out) {
  PngReading reading(path);
  if (!succeeds(reading, read_png_header)) throw reading.fault();
  require_kind(path, kind_of(reading), kind);
  const std::size_t row_bytes = png_get_rowbytes(reading.png, reading.info);
  std::vector<png_byte> bytes(row_bytes * static_cast<std::size_t>(kind.height));
  std::vector<png_bytep> rows;
  for (std::size_t at = 0; at < bytes.size(); at += row_bytes) rows.push_back(bytes.data() + at);
  const bool is_whole = succeeds(reading, [&rows](png_structp png, png_infop info) {
    png_read_image(png, rows.data());
    png_read_end(png, info);
  });
  if (!is_whole) throw reading.fault();
  const bool is_wide = kind.largest > 255;  // big-endian
  for (Index i = 0; i < kind.numbers(); ++i) {
    const auto at = static_cast<std::size_t>(i);
    out[i] = is_wide ? 256 * bytes[2 * at] + bytes[2 * at + 1] : bytes[at];
  }
}

}  // namespace mpinmf::io
