#include "cache_sizes.hpp"

#include <algorithm>
#include <fstream>

namespace mpinmf::machine {
namespace {

constexpr int most_caches = 8;  // of one processor

/// A file's first word or number, or what it was.
template <class Value>
Value read_or(const std::string& path, Value otherwise) {
  std::ifstream in(path);
  Value value;
  return in >> value ? value : otherwise;
}

}  // namespace

CacheSizes cache_sizes_in(const std::string& folder) {
  CacheSizes sizes;
  std::int64_t last = 0;
  for (int index = 0; index < most_caches; ++index) {
    const std::string cache = folder + "/index" + std::to_string(index);
    const auto bytes = read_or<std::int64_t>(cache + "/size", 0) << 10;  // "32768K"
    const bool holds_data = read_or<std::string>(cache + "/type", "Unified") != "Instruction";
    if (bytes <= 0 || !holds_data) continue;
    last = std::max(last, bytes);
    if (read_or(cache + "/level", 0) == 2) sizes.second_level = bytes;
  }
  if (last > 0) sizes.last = last;
  return sizes;
}

const CacheSizes& cache_sizes() {
  static const CacheSizes sizes = cache_sizes_in("/sys/devices/system/cpu/cpu0/cache");
  return sizes;
}

}  // namespace mpinmf::machine
