#include <sys/mman.h>

#include <cstdint>
#include <cstring>

#include "mpinmf/matrix.hpp"

namespace mpinmf::detail {
namespace {

constexpr std::size_t page = 4096;

/// Asks for pages of 2 MiB where the system leaves that to programs: a fault for each takes half of the time to
/// read a file of numbers with those of 4 KiB. Advice, which nothing depends on.
void prefer_large_pages(char* data, std::size_t bytes) {
  const std::size_t to_page = (page - reinterpret_cast<std::uintptr_t>(data) % page) % page;
  if (bytes > to_page) madvise(data + to_page, bytes - to_page, MADV_HUGEPAGE);
}

}  // namespace

void zero_by_threads(void* data, std::size_t bytes) {
  // A page lies in the memory of the core that writes to it first. Smaller blocks are not worth waking threads
  // for.
  constexpr std::size_t least = std::size_t{4} << 20;
  auto* const first = static_cast<char*>(data);
  if (bytes < least) {
    if (bytes > 0) std::memset(first, 0, bytes);
    return;
  }
  prefer_large_pages(first, bytes);
  const auto pages = static_cast<std::int64_t>((bytes + page - 1) / page);
  // static: the first thread the first pages and so on, as a sweep cuts rows
#pragma omp parallel for schedule(static)
  for (std::int64_t p = 0; p < pages; ++p) {
    const std::size_t begin = static_cast<std::size_t>(p) * page;
    std::memset(first + begin, 0, bytes - begin < page ? bytes - begin : page);
  }
}

}  // namespace mpinmf::detail
