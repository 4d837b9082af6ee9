// How several fits of one V compare: summary.csv, the table of the program, and their picture.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "mpinmf/trace.hpp"

namespace mpinmf::report {

struct SummaryRow {
  Index components = 0;
  std::string seed;
  Cost cost;
  double explained_variance = Cost::unknown;  ///< 1 - 2 D / ||V||^2; Frobenius only
  Index iterations = 0;
  double seconds = 0;  ///< of the fit alone
  std::string stop_reason;
  bool best = false;  ///< of the fits with these components, the one that minimised most
};

/// What decides which of several fits is the best: loss and penalty; infinite where it is not known.
double minimised(const SummaryRow& row);

/// The columns k, seed, loss, explained_variance, iterations, seconds, stop_reason, best (1 or 0).
std::string summary_csv(std::span<const SummaryRow> rows);

/// The table for people: its first line, and the line of a fit; the best is marked with a star.
std::string summary_head();
std::string summary_line(const SummaryRow& row);

/// Draws STEM.svg and STEM.png, the reconstruction error over k: a line through the best, a point for each fit. Or
/// returns what is in the way, as draw_picture does.
std::string draw_summary(std::span<const SummaryRow> rows, const std::string& stem);

}  // namespace mpinmf::report
