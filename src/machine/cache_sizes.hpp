// How much the caches of a core hold.
#pragma once

#include <cstdint>
#include <string>

namespace mpinmf::machine {

/// In bytes.
struct CacheSizes {
  std::int64_t second_level = std::int64_t{1} << 20;  ///< what is common, where the system does not say
  std::int64_t last = std::int64_t{32} << 20;
};

/// Those of the first processor, as Linux tells them (sysconf is wrong on some machines). Read once.
const CacheSizes& cache_sizes();

/// The same from a folder that looks like /sys/devices/system/cpu/cpu0/cache.
CacheSizes cache_sizes_in(const std::string& folder);

}  // namespace mpinmf::machine
