#include "mpinmf/options.hpp"

#include <fmt/core.h>

#include <cmath>
#include <limits>

#include "mpinmf/error.hpp"
#include "rules/rule.hpp"

namespace mpinmf {

void Options::check() const {
  const auto require = [](bool good, const std::string& message) {
    if (!good) throw UsageError(message);
  };
  require(components >= 1, fmt::format("the number of components k must be at least 1, not {}", components));
  require(components <= std::numeric_limits<std::int32_t>::max(),
          fmt::format("the number of components k must be below 2^31, not {}", components));
  require(std::isfinite(loss.beta), "beta must be a finite number");
  require(max_iterations >= 0,
          fmt::format("the maximum of iterations must be at least 0, not {}", max_iterations));
  require(tolerance >= 0 && std::isfinite(tolerance),
          fmt::format("the tolerance must be at least 0, not {}", tolerance));
  require(max_seconds > 0, fmt::format("the maximum of seconds must be above 0, not {}", max_seconds));
  require(zero_below >= 0 && std::isfinite(zero_below),
          fmt::format("the threshold below which entries are set to 0 must be at least 0, not {}", zero_below));
  require(trace_every >= 1,
          fmt::format("the trace can be written every 1 or more iterations, not {}", trace_every));
  require(
      threads >= 0 && threads <= most_threads,
      fmt::format("the number of threads must be from 0 (which chooses) to {}, not {}", most_threads, threads));
  find_rule<double>(rule);
}

}  // namespace mpinmf
