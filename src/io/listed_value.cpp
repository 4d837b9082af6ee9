#include "listed_value.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "entry_check.hpp"
#include "tokens.hpp"

namespace mpinmf::io {

double listed_value(const LineReader& lines, const Entry& entry, std::string_view token,
                    const ValueLimits& limits) {
  const double value = entry.value;
  if (value >= -limits.clip_negative && value <= std::numeric_limits<double>::max())
    return value + 0.0;  // -0 becomes 0
  if (limits.takes_any) return value;
  const std::string place = fmt::format("in row {}, column {} (counted from 0)", entry.row, entry.column);
  if (std::isnan(value)) {
    if (limits.takes_nan) return value;
    throw lines.fault(fmt::format(
        "not a number (NaN) {}; where NaN stands for what is not known, fit with --missing nan", place));
  }
  if (std::isinf(value)) throw lines.fault(fmt::format("an infinite entry {} {}", quote(token), place));
  throw lines.fault(fmt::format("a negative entry {} {}; the factorization needs entries >= 0{}", token, place,
                                clip_advice(value)));
}

}  // namespace mpinmf::io
