#include <cstdint>
#include <cstring>

#include "mpinmf/matrix.hpp"

namespace mpinmf::detail {

void zero_by_threads(void* data, std::size_t bytes) {
  // A page lies in the memory of the core that writes to it first. Smaller blocks are not worth waking threads
  // for.
  constexpr std::size_t least = std::size_t{4} << 20;
  auto* const first = static_cast<char*>(data);
  if (bytes < least) {
    if (bytes > 0) std::memset(first, 0, bytes);
    return;
  }
  constexpr std::size_t page = 4096;
  const auto pages = static_cast<std::int64_t>((bytes + page - 1) / page);
  // static: the first thread the first pages and so on, as a sweep cuts rows
#pragma omp parallel for schedule(static)
  for (std::int64_t p = 0; p < pages; ++p) {
    const std::size_t begin = static_cast<std::size_t>(p) * page;
    std::memset(first + begin, 0, bytes - begin < page ? bytes - begin : page);
  }
}

}  // namespace mpinmf::detail
