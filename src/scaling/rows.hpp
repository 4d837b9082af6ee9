// The runs of a scaling study: a row each in scaling.csv.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "mpinmf/matrix.hpp"

namespace mpinmf::scaling {

/// Seconds of an iteration, mean over the ranks, so that they add up to the whole. Ranks that wait for the update
/// of H are counted under `rule`, and what they wait for the slowest sweep under `waiting`.
struct IterationSeconds {
  double sweep = 0, sum = 0, rule = 0, broadcast = 0, waiting = 0;
  double total() const { return sweep + sum + rule + broadcast + waiting; }
};

/// What a row is for.
enum class ScalingStudy { strong, weak, small };

struct ScalingRow {
  ScalingStudy study = ScalingStudy::strong;  ///< small: a run whose messages alone are of interest
  std::string problem;                        ///< V as fit was given it
  std::string options;                        ///< further options of fit
  Index rows = 0, columns = 0, components = 0;
  double beta = 2;  ///< of the loss
  std::string rule;
  bool extrapolated = false, single_precision = false;
  int ranks = 1, threads = 1, nodes = 1, repeat = 1;
  Index iterations = 0;
  IterationSeconds seconds;
  Index bytes = 0, messages = 0;  ///< that a rank hands to MPI in an iteration
  std::string hosts;              ///< their names, spaces between
  std::string mpinmf, mpi, blas, vectors;
  double core_hours = 0;  ///< ranks x threads x hours, from the start of the launcher to its end
};

/// A row from the run.json of a fit: all but study, problem, options, repeat and core_hours. Throws BadData,
/// naming `path`.
ScalingRow parse_scaling_run(const std::string& run_json, const std::string& path);

/// The row with the median of the seconds among those with so many ranks (of an even number the lower one), or
/// nullptr: a whole run, so that its phases add up. Small runs are left out.
const ScalingRow* median_run(std::span<const ScalingRow> rows, int ranks);
/// All numbers of ranks, ascending, small runs left out.
std::vector<int> rank_counts(std::span<const ScalingRow> rows);
/// `base` is the median run with the fewest ranks. Strong: its speed-up over one rank is taken as its own ranks,
/// the efficiency is speed-up / ranks. Weak: the efficiency is the ratio of the seconds, the speed-up that times
/// ranks.
double efficiency(const ScalingRow& row, const ScalingRow& base);

/// A line a run, with a head; the efficiency of small runs is empty.
std::string scaling_csv(std::span<const ScalingRow> rows);
/// The inverse of scaling_csv. Throws BadData, naming `path` and the line.
std::vector<ScalingRow> parse_scaling_csv(const std::string& text, const std::string& path);

}  // namespace mpinmf::scaling
