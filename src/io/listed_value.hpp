// The value of an entry that stands in a line of text.
#pragma once

#include <string_view>

#include "file.hpp"
#include "mpinmf/load.hpp"
#include "source.hpp"

namespace mpinmf::io {

/// What a value may be besides a finite number >= 0.
struct ValueLimits {
  double clip_negative = 0;  ///< from minus this on
  bool takes_nan = false;
  bool takes_any = false;  ///< another matrix says whether it is known

  ValueLimits() = default;
  explicit ValueLimits(const LoadOptions& options)
      : clip_negative(options.clip_negative),
        takes_nan(options.missing == Missing::nan),
        takes_any(!options.mask.empty()) {}
};

/// entry.value, which was read from `token` in the last line; 0 for -0. Throws BadData unless it is within limits.
double listed_value(const LineReader& lines, const Entry& entry, std::string_view token,
                    const ValueLimits& limits);

}  // namespace mpinmf::io
