#include "mapped_npy.hpp"

#include <fmt/format.h>
#include <sys/mman.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <type_traits>

#include "npy_file.hpp"

namespace mpinmf::io {
namespace {

// npy_header_bytes of any vector has this length: its text is longer than 54 bytes and shorter than 118.
constexpr Index header_bytes = 128;

template <class T>
std::string header_of(Index elements) {
  std::string bytes =
      npy_header_bytes(fmt::format("{}{}", std::is_integral_v<T> ? 'i' : 'f', sizeof(T)), {elements});
  assert(static_cast<Index>(bytes.size()) == header_bytes);
  return bytes;
}

}  // namespace

template <class T>
MappedNpy<T>::MappedNpy(const std::string& path, const std::string& name, Index elements)
    : file_(File::open_to_write(path, name)), bytes_(header_bytes + elements * static_cast<Index>(sizeof(T))) {
  file_.reserve(bytes_);
  mapping_ =
      ::mmap(nullptr, static_cast<std::size_t>(bytes_), PROT_READ | PROT_WRITE, MAP_SHARED, file_.descriptor(), 0);
  if (mapping_ == MAP_FAILED) {
    mapping_ = nullptr;
    throw file_error(name, "map it into memory", errno);
  }
  data_ = reinterpret_cast<T*>(static_cast<std::byte*>(mapping_) + header_bytes);
}

template <class T>
MappedNpy<T>::~MappedNpy() {
  unmap();
}

template <class T>
void MappedNpy<T>::unmap() {
  if (mapping_ != nullptr) ::munmap(mapping_, static_cast<std::size_t>(bytes_));
  mapping_ = nullptr;
  data_ = nullptr;
}

template <class T>
void MappedNpy<T>::finish(Index elements) {
  const std::string header = header_of<T>(elements);
  std::copy(header.begin(), header.end(), static_cast<char*>(mapping_));
  const int synced = ::msync(mapping_, static_cast<std::size_t>(bytes_), MS_SYNC);
  const int error = errno;
  unmap();
  if (synced != 0) throw file_error(file_.path(), "write it", error);
  file_.shorten(header_bytes + elements * static_cast<Index>(sizeof(T)));
  file_.sync_and_close();
}

template class MappedNpy<std::int32_t>;
template class MappedNpy<Index>;
template class MappedNpy<float>;
template class MappedNpy<double>;

}  // namespace mpinmf::io
