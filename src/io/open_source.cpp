// Recognises formats by content.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "csr_folder.hpp"
#include "file.hpp"
#include "io/generate/generate.hpp"
#include "matrix_market.hpp"
#include "npy.hpp"
#include "strangers.hpp"

namespace mpinmf::io {
namespace {

/// A format of files, known by how they start (after decompression).
struct Format {
  const char* name;
  const char* start;  ///< in lower case
  Source (*open)(const std::string& path, const LoadOptions& options);
};

constexpr Format formats[] = {
    {"NumPy array (.npy)", "\x93numpy",
     [](const std::string& path, const LoadOptions& options) { return open_npy(path, options.transpose); }},
    {"Matrix Market (.mtx)", "%%matrixmarket",
     [](const std::string& path, const LoadOptions& options) {
       return open_matrix_market(path, options.transpose, options.clip_negative);
     }},
};

/// How a file starts, after decompression.
struct Beginning {
  std::string bytes;
  bool compressed;
};

Beginning beginning_of(const std::string& path) {
  ByteReader bytes(path);
  std::string start(stranger_bytes, '\0');
  start.resize(bytes.read(start.data(), start.size()));
  if (start.starts_with(byte_order_mark)) start.erase(0, byte_order_mark.size());
  return {start, bytes.is_compressed()};
}

bool starts_as(const std::string& bytes, std::string_view lower) {
  const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; };
  return bytes.size() >= lower.size() &&
         std::equal(lower.begin(), lower.end(), bytes.begin(), [&](char b, char a) { return same(a, b); });
}

std::string supported() {
  std::string names;
  for (const Format& format : formats) names += std::string(format.name) + ", ";
  return names + "both also gzip'd, a folder with indptr.npy, indices.npy and data.npy (CSR), generate:NAME:...";
}

Source open_folder(const std::string& path, bool transpose) {
  if (std::filesystem::exists(path + "/indptr.npy")) return open_csr_folder(path, transpose);
  throw BadData(fmt::format("{}: is a folder without indptr.npy; supported are {}", path, supported()));
}

void check_options(const LoadOptions& options) {
  if (!(options.add >= 0) || std::isinf(options.add)) {
    throw UsageError(
        fmt::format("the number added to every entry must be non-negative and finite, not {}", options.add));
  }
  if (!(options.clip_negative >= 0) || std::isinf(options.clip_negative)) {
    throw UsageError(
        fmt::format("--clip-negative must be non-negative and finite, not {}", options.clip_negative));
  }
}

}  // namespace

Source open_source(const std::string& path, const LoadOptions& options) {
  check_options(options);
  if (path.rfind("generate:", 0) == 0) return open_generator(path, options.transpose);
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return open_folder(path, options.transpose);
  const Beginning start = beginning_of(path);
  for (const Format& format : formats) {
    if (starts_as(start.bytes, format.start)) return format.open(path, options);
  }
  const std::string about = about_stranger(path, start.bytes, start.compressed);
  if (!about.empty()) throw BadData(fmt::format("{}: {}", path, about));
  throw BadData(fmt::format("{}: {}; supported are {}", path, start.bytes.empty() ? "is empty" : "unknown format",
                            supported()));
}

}  // namespace mpinmf::io
