// HDF5 File Format Specification 3.0, section II.A: versions 0 and 1 have the sizes of addresses and lengths at
// bytes 13 and 14, and from byte 24 (28) on four addresses: base, free space, end of file, driver information.
// Numbers of ones are undefined.
#include "superblock.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace mpinmf::io::hdf5 {
namespace {

constexpr std::array signature{std::byte{0x89}, std::byte{'H'},  std::byte{'D'},  std::byte{'F'},
                               std::byte{'\r'}, std::byte{'\n'}, std::byte{0x1a}, std::byte{'\n'}};
constexpr Index size_of_addresses = 13, addresses_of_version_0 = 24, addresses_of_version_1 = 28;
constexpr Index first_user_block = 512;

/// Where a superblock begins: at 0, or behind a user block of 512 bytes, 1,024 and so on; -1: nowhere.
Index superblock_of(const io::File& file, Index size) {
  for (Index at = 0; at + addresses_of_version_0 <= size; at = at == 0 ? first_user_block : 2 * at) {
    std::array<std::byte, signature.size()> found{};
    file.read_at(at, found);
    if (found == signature) return at;
  }
  return -1;
}

}  // namespace

void require_plain_superblock(const io::File& file) {
  const Index size = file.size(), begin = superblock_of(file, size);
  if (begin < 0) return;  // the library says so
  std::array<std::byte, addresses_of_version_0> head{};
  file.read_at(begin, head);
  const int version = std::to_integer<int>(head[signature.size()]);
  if (version > 1) return;  // it has a checksum
  const auto bytes = std::to_integer<Index>(head[size_of_addresses]);
  const Index driver = begin + (version == 0 ? addresses_of_version_0 : addresses_of_version_1) + 3 * bytes;
  std::array<std::byte, 32> address{};
  if (bytes > static_cast<Index>(address.size())) return;  // which the library knows of as little
  const std::span<std::byte> read = std::span(address).first(static_cast<std::size_t>(bytes));
  file.read_at(driver, read);
  if (std::all_of(read.begin(), read.end(), [](std::byte b) { return b == std::byte{0xff}; })) return;
  throw BadData(
      fmt::format("{}: is damaged, or one of several files that a driver of HDF5 has split (family, multi): copy "
                  "it again, or join them by h5repack",
                  file.path()));
}

}  // namespace mpinmf::io::hdf5
