// Seconds and iterations that each rule takes to come near the best error that any of them finds.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "rule_variant.hpp"

namespace mpinmf::bench {

/// How near: ||V - W H|| is above the best by at most this share of it.
inline constexpr std::array<double, 3> levels = {0.05, 0.01, 0.001};

/// One rule from one start.
struct Run {
  struct Point {
    double iteration, seconds, error;  ///< ||V - W H||; seconds of this rank since the iterations began
  };
  std::vector<Point> points;  ///< the iterations whose error is known without extra work, and the last
};

/// All rules on one matrix. The errors and iterations are the same on every rank.
struct Race {
  std::string name;
  Index rows = 0, columns = 0, components = 0;
  std::vector<RuleVariant> variants;
  std::vector<std::vector<Run>> runs;  ///< [variant][start]
  std::vector<double> best;            ///< [start]; of all, or of Arguments::target

  /// The first point that is near enough, both numbers infinite where there is none.
  Run::Point arrival(std::size_t variant, std::size_t start, double level) const;
};

/// What --convergence knows: sets that are read from --data, and planted workloads.
std::vector<std::string> race_names();

/// Races on all that `arguments` ask for; each result is handed to `take`, and a line on what is left out to
/// `skip`, on every rank. Collective; throws what loading and fitting throw.
void run_races(const Comm& comm, const Arguments& arguments, int threads,
               const std::function<void(const Race&)>& take, const std::function<void(const std::string&)>& skip);

std::string race_table(const Race& race);
std::string races_csv(const std::vector<Race>& races);
/// Draws STEM-NAME.svg and .png: of the first start, the share by which errors are above the best. Returns what is
/// in the way, or nothing.
std::string draw_race(const Race& race, const std::string& stem);

}  // namespace mpinmf::bench
