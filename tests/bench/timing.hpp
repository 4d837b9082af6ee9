// Repeated measurements: the slowest rank's seconds, their median and spread.
#pragma once

#include <algorithm>
#include <cmath>
#include <vector>

#include "mpinmf/comm.hpp"
#include "solver/clock.hpp"

namespace mpinmf::bench {

/// Seconds (or ratios): how often measured, and how they spread.
struct Spread {
  double minimum = 0, lower_quartile = 0, median = 0, upper_quartile = 0, maximum = 0;
  int samples = 0;
};

/// @pre values is not empty
inline Spread spread_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const auto quantile = [&](double share) {  // linear between the two nearest
    const double place = share * static_cast<double>(values.size() - 1);
    const auto low = static_cast<std::size_t>(place), high = std::min(low + 1, values.size() - 1);
    return values[low] + (place - std::floor(place)) * (values[high] - values[low]);
  };
  return {values.front(), quantile(0.25), quantile(0.5),
          quantile(0.75), values.back(),  static_cast<int>(values.size())};
}

/// How long a measurement may go on.
struct Effort {
  int repeats = 0;     ///< exactly so many; 0: as many as fit into `seconds`
  double seconds = 2;  ///< for one measurement
  static constexpr int least_repeats = 5, most_repeats = 1000;

  /// How many repeats of something that takes so long.
  int repeats_of(double one) const {
    if (repeats > 0) return repeats;
    return static_cast<int>(std::clamp(seconds / std::max(one, 1e-9), 1.0 * least_repeats, 1.0 * most_repeats));
  }
};

/// The slowest rank's seconds of `work`, many times; the first run only warms up. Collective.
template <class Work>
Spread measure(const Comm& comm, const Effort& effort, const Work& work) {
  work();
  std::vector<double> seconds;
  double total = 0;
  const auto is_enough = [&] {
    const int done = static_cast<int>(seconds.size());
    if (effort.repeats > 0) return done >= effort.repeats;
    return done >= Effort::most_repeats || (done >= Effort::least_repeats && total >= effort.seconds);
  };
  while (!is_enough()) {
    comm.wait_for_all();
    const Clock clock;
    work();
    seconds.push_back(comm.max(clock.seconds()));  // the same on every rank, so all go on or none
    total += seconds.back();
  }
  return spread_of(std::move(seconds));
}

}  // namespace mpinmf::bench
