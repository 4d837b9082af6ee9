#include "lzf.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "library.hpp"

namespace mpinmf::io::hdf5 {
namespace {

constexpr H5Z_filter_t lzf_number = 32000;

/// What `in` claims to expand to, at most 88 times as much: what h5py keeps with the data set is wrong for
/// strings.
std::size_t claimed_bytes(const unsigned char* in, std::size_t count) {
  std::size_t bytes = 0;
  for (std::size_t at = 0; at < count;) {
    const unsigned control = in[at++];
    if (control < 32) {
      bytes += control + 1;
      at += control + 1;
      continue;
    }
    const bool is_long = control >> 5 == 7;
    bytes += (control >> 5) + 2 + (is_long && at < count ? in[at] : 0);
    at += is_long ? 2 : 1;
  }
  return bytes;
}

/// As H5Z_func_t says: replaces *buffer by what it decompresses to, or returns 0.
std::size_t lzf_filter(unsigned flags, std::size_t /*parameters*/, const unsigned* /*parameter*/,
                       std::size_t count, std::size_t* capacity, void** buffer) {
  if ((flags & H5Z_FLAG_REVERSE) == 0) return 0;
  const auto* const in = static_cast<const unsigned char*>(*buffer);
  const std::size_t bytes = claimed_bytes(in, count);
  void* const out = std::malloc(std::max<std::size_t>(bytes, 1));
  if (out == nullptr) return 0;
  const std::size_t got = expand_lzf(in, count, static_cast<unsigned char*>(out), bytes);
  if (got == 0) {
    std::free(out);
    return 0;
  }
  std::free(*buffer);
  *buffer = out;
  *capacity = bytes;
  return got;
}

}  // namespace

std::size_t expand_lzf(const unsigned char* in, std::size_t count, unsigned char* out, std::size_t capacity) {
  const unsigned char* const end = in + count;
  std::size_t made = 0;
  while (in < end) {
    const unsigned control = *in++;
    if (control < 32) {  // so many bytes as they are, and one
      const std::size_t length = control + 1;
      if (static_cast<std::size_t>(end - in) < length || capacity - made < length) return 0;
      std::memcpy(out + made, in, length);
      in += length;
      made += length;
      continue;
    }
    std::size_t length = (control >> 5) + 2;
    if (length == 9) {
      if (in == end) return 0;
      length += *in++;
    }
    if (in == end) return 0;
    const std::size_t back = ((control & 0x1fU) << 8) + *in++ + 1;
    if (back > made || capacity - made < length) return 0;
    // may overlap what it makes, so byte by byte
    for (std::size_t i = 0; i < length; ++i, ++made) out[made] = out[made - back];
  }
  return made;
}

void register_lzf() {
  if (H5Zfilter_avail(lzf_number) > 0) return;
  const H5Z_class2_t filter = {H5Z_CLASS_T_VERS, lzf_number, 0, 1, "lzf", nullptr, nullptr, lzf_filter};
  H5Zregister(&filter);
}

}  // namespace mpinmf::io::hdf5
