// Arrays of numbers in files that all ranks write, each rank its part: of dense rows, and of compressed ones.
#pragma once

#include <cstdint>
#include <string>

#include "io/output_target.hpp"
#include "mpinmf/comm.hpp"
#include "output_matrix.hpp"

namespace mpinmf::io {

/// Where an array begins: in the file of the target (see make_file), at that byte.
struct ArrayPlace {
  std::string file;
  Index offset = 0;
};

/// What a rank has written of one.
struct PartSum {
  std::uint32_t checksum = 0;  ///< CRC-32, where asked for
  Index bytes = 0;
};

/// Where the three arrays of a sparse matrix are to lie, and of what type: offsets in 32 bits (which `stored` must
/// allow) or 64, indices in 32, values as they are (or see has_counts).
struct CompressedPlaces {
  ArrayPlace offsets, indices, values;
  bool has_wide_offsets = true;
  bool has_checksums = false;
  bool has_counts = false;  ///< values in 32-bit integers, which are to hold them
};
struct CompressedSums {
  PartSum offsets, indices, values;
};

/// Writes this rank's rows. Do not communicate; throw what reading throws, SystemError. @pre the files are there
PartSum write_dense_part(const Comm& comm, const OutputTarget& target, OutputMatrix& matrix,
                         const ArrayPlace& place, bool has_checksum = false);
CompressedSums write_compressed_part(const Comm& comm, const OutputTarget& target, OutputMatrix& matrix,
                                     const CompressedPlaces& places, const OutputFacts& facts);

/// Whether 32 bits hold so many.
bool fits_32_bits(Index number);

/// Of floating-point numbers, as NumPy calls them.
inline const char* type_of_values(const OutputMatrix& matrix) {
  return matrix.single_precision ? "f4" : "f8";
}
inline Index value_bytes(const OutputMatrix& matrix) {
  return matrix.single_precision ? 4 : 8;
}

}  // namespace mpinmf::io
