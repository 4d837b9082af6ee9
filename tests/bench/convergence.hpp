// Seconds and iterations that each rule takes to come near the best loss that any of them finds.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "rule_variant.hpp"

namespace mpinmf::bench {

/// One rule from one start.
struct Run {
  struct Point {
    double iteration, seconds, loss;  ///< what is minimised; seconds of this rank since the iterations began
  };
  std::vector<Point> points;  ///< the iterations whose loss is known without extra work, and the last
};

/// What is to be reached from each start.
struct Mark {
  std::string title, csv;        ///< "best + 1 %", "0.01"
  std::vector<double> measures;  ///< Race::measure [start]
};

/// All rules on one matrix. The losses and iterations are the same on every rank.
struct Race {
  std::string name;
  Loss loss;
  Index rows = 0, columns = 0, components = 0, passes_before = 0;  ///< of mu, before the start
  std::vector<RuleVariant> variants;
  std::vector<std::vector<Run>> runs;  ///< [variant][start]
  std::vector<double> best;            ///< the least loss [start]; of all, or of Arguments::target
  std::vector<Mark> marks;             ///< the end of Arguments::reach, where it races, and how near the best

  /// By which runs are compared: for Frobenius ||V - W H||, else the loss.
  double measure(double loss) const;
  /// What it is called.
  std::string measure_name() const;
  /// The first point that is as low as the mark, all numbers infinite where there is none.
  Run::Point arrival(std::size_t variant, std::size_t start, const Mark& mark) const;
};

/// Races on all that `arguments` ask for; each result is handed to `take`, and a line on what is left out to
/// `skip`, on every rank. Collective; throws what loading and fitting throw.
void run_races(const Comm& comm, const Arguments& arguments, int threads,
               const std::function<void(const Race&)>& take, const std::function<void(const std::string&)>& skip);

std::string race_table(const Race& race);
/// @pre all races have the same loss and rules
std::string races_csv(const std::vector<Race>& races);
/// Draws STEM-NAME.svg and .png: of the first start, the share by which runs are above the best. Returns what is
/// in the way, or nothing.
std::string draw_race(const Race& race, const std::string& stem);

}  // namespace mpinmf::bench
