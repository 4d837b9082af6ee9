#include "summary.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "csv.hpp"
#include "gnuplot.hpp"

namespace mpinmf::report {
namespace {

/// From the smallest k to the largest, whatever the order in which they were fitted.
std::vector<SummaryRow> by_components(std::span<const SummaryRow> rows) {
  std::vector<SummaryRow> sorted(rows.begin(), rows.end());
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const SummaryRow& a, const SummaryRow& b) { return a.components < b.components; });
  return sorted;
}

/// "$name << EOD", a line for each row that `takes`, from the smallest k to the largest.
template <class F>
std::string data_block(const std::string& name, std::span<const SummaryRow> rows, F&& takes) {
  std::string text = fmt::format("${} << EOD\n", name);
  for (const SummaryRow& row : by_components(rows)) {
    const double error = row.cost.reconstruction_error;
    if (takes(row) && std::isfinite(error)) text += fmt::format("{} {:.17g}\n", row.components, error);
  }
  return text + "EOD\n";
}

}  // namespace

double minimised(const SummaryRow& row) {
  const double total = row.cost.loss + (std::isnan(row.cost.penalty) ? 0 : row.cost.penalty);
  return std::isnan(total) ? std::numeric_limits<double>::infinity() : total;
}

std::string summary_csv(std::span<const SummaryRow> rows) {
  std::string text = "k,seed,loss,explained_variance,iterations,seconds,stop_reason,best\n";
  for (const SummaryRow& row : by_components(rows)) {
    text += fmt::format("{},{},{},{},{},{},{},{}\n", row.components, row.seed, csv_number(row.cost.loss),
                        csv_number(row.explained_variance), row.iterations, csv_number(row.seconds),
                        row.stop_reason, row.best ? 1 : 0);
  }
  return text;
}

std::string summary_head() {
  return fmt::format("  {:>6} {:>8} {:>20} {:>12} {:>10} {:>9}  {}\n", "k", "seed", "loss", "explained",
                     "iterations", "seconds", "stopped by");
}

std::string summary_line(const SummaryRow& row) {
  const std::string explained =
      std::isnan(row.explained_variance) ? "-" : fmt::format("{:.6g}", row.explained_variance);
  return fmt::format("{} {:>6} {:>8} {:>20.12g} {:>12} {:>10} {:>9.3g}  {}\n", row.best ? '*' : ' ',
                     row.components, row.seed, row.cost.loss, explained, row.iterations, row.seconds,
                     row.stop_reason);
}

std::string draw_summary(std::span<const SummaryRow> rows, const std::string& stem) {
  const std::string data = data_block("all", rows, [](const SummaryRow&) { return true; }) +
                           data_block("best", rows, [](const SummaryRow& row) { return row.best; });
  const auto script = [&](const std::string& terminal, const std::string& output) {
    return data + gnuplot_head(terminal, output, "Number of components k", "Reconstruction error") +
           "plot $best using 1:2 with linespoints linewidth 2 pointtype 7 title 'best seed', "
           "$all using 1:2 with points pointtype 6 title 'every seed'\n";
  };
  return draw_picture(script, stem);
}

}  // namespace mpinmf::report
