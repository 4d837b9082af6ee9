// LZF, the compression that h5py brings along under the number 32000: Debian has no plugin for it.
#pragma once

#include <cstddef>

namespace mpinmf::io::hdf5 {

/// The library then reads such data sets. It does not write them.
void register_lzf();

/// Decompresses LZF (Marc Lehmann's LibLZF): returns how many bytes were written, or 0 where `in` is damaged or
/// gives more than `capacity` bytes.
std::size_t expand_lzf(const unsigned char* in, std::size_t count, unsigned char* out, std::size_t capacity);

}  // namespace mpinmf::io::hdf5
