// The beginning of an HDF5 file, looked at before the library does.
#pragma once

#include "io/file.hpp"

namespace mpinmf::io::hdf5 {

/// Throws BadData of a superblock of version 0 or 1 that is cut short, or that names a block of driver
/// information: the library believes the size that stands there, up to 4 GiB, and fills memory with what a small
/// file does not have. Only files that drivers have split (family, multi) have such a block, and these it could
/// not open either.
void require_plain_superblock(const io::File& file);

}  // namespace mpinmf::io::hdf5
