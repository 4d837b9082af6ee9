// Sizes as people write them: 12e6, 12e6x50000, 256G.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "mpinmf/matrix.hpp"

namespace mpinmf::cli {

/// The whole number that the text is: 200, -3, 12e6. One that 64 bits do not hold becomes the nearest that they
/// do. Nothing where it is none.
std::optional<Index> whole_number_in(const std::string& text);

/// Puts plain digits in place of 12e6. Returns what is wrong with the text, or nothing.
std::string spell_out(std::string& text, Index least, Index most);

/// A whole number from `least` to 2^62; 12e6 is one too. Throws UsageError that starts with `option`.
Index parse_count(const std::string& option, const std::string& text, Index least);

/// "MxN", two counts of at least 1. Throws UsageError that starts with `option` and shows `example`, also when M N
/// numbers cannot be counted in 64 bits.
std::pair<Index, Index> parse_shape(const std::string& option, const std::string& text,
                                    const std::string& example);

/// Bytes, with K, M, G, T or P for powers of 1024 as in Slurm; 256G, 256GB and 256GiB are the same. Throws
/// UsageError that starts with `option`.
double parse_bytes(const std::string& option, const std::string& text);

}  // namespace mpinmf::cli
