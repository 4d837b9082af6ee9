// Sizes as people write them: 12e6, 12e6x50000, 256G.
#pragma once

#include <string>
#include <utility>

#include "mpinmf/matrix.hpp"

namespace mpinmf::cli {

/// A whole number from `least` to 2^62; 12e6 is one too. Throws UsageError that starts with `option`.
Index parse_count(const std::string& option, const std::string& text, Index least);

/// "MxN", two counts of at least 1. Throws UsageError, also when M N numbers cannot be counted in 64 bits.
std::pair<Index, Index> parse_shape(const std::string& text);

/// Bytes, with K, M, G, T or P for powers of 1024 as in Slurm; 256G, 256GB and 256GiB are the same. Throws
/// UsageError that starts with `option`.
double parse_bytes(const std::string& option, const std::string& text);

}  // namespace mpinmf::cli
