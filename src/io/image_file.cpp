#include "image_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "mpinmf/error.hpp"
#include "netpbm.hpp"
#include "png.hpp"
#include "tokens.hpp"

namespace mpinmf::io {
namespace {

bool is_png(const std::string& path) {
  return in_lower_case(std::filesystem::path(path).extension().string()) == ".png";
}

}  // namespace

std::string ImageKind::text() const {
  return fmt::format("{} x {} {} pixels with values up to {}", width, height, channels == 1 ? "grey" : "colour",
                     largest);
}

bool is_image_name(const std::string& path) {
  constexpr std::array endings = {".png", ".pgm", ".ppm", ".pnm"};
  const std::string ending = in_lower_case(std::filesystem::path(path).extension().string());
  return std::find(endings.begin(), endings.end(), ending) != endings.end();
}

void require_kind(const std::string& path, const ImageKind& found, const ImageKind& wanted) {
  if (found == wanted) return;
  throw BadData(fmt::format("{}: has {}, but the first image has {}; all images of a matrix must be alike", path,
                            found.text(), wanted.text()));
}

ImageKind image_kind(const std::string& path) {
  return is_png(path) ? png_kind(path) : netpbm_kind(path);
}

void read_image(const std::string& path, const ImageKind& kind, double* out) {
  is_png(path) ? read_png(path, kind, out) : read_netpbm(path, kind, out);
}

}  // namespace mpinmf::io
