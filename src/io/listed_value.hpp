// The value of an entry that stands in a line of text.
#pragma once

#include <string_view>

#include "file.hpp"
#include "source.hpp"

namespace mpinmf::io {

/// entry.value, which was read from `token` in the last line; 0 for -0. Throws BadData unless it is finite and not
/// below -clip_negative.
double listed_value(const LineReader& lines, const Entry& entry, std::string_view token, double clip_negative);

}  // namespace mpinmf::io
