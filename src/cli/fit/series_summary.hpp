// What becomes of the fits of a series: a table, and which of each k is the best.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "cli/process/output_folder.hpp"
#include "report/summary.hpp"

namespace mpinmf::cli {

/// The fits that have ended, as far as the ranks of `comm` know of them, those of one k after the other. All
/// members that change anything are collective.
class SeriesSummary {
 public:
  /// Both outlive it.
  SeriesSummary(const Comm& comm, const FitArguments& arguments) : comm_(comm), arguments_(arguments) {}

  std::span<const report::SummaryRow> rows() const { return rows_; }
  /// Whether it beats those of its k so far.
  bool is_best(const report::SummaryRow& row) const;
  /// Adds it. Its results are in `path`, empty: nowhere. Marks and links it if it is the best, unless other groups
  /// may have better ones, and leaves W to the best alone.
  void add(report::SummaryRow row, const std::string& path);
  void clear();

  /// summary.csv, and its picture, in the folder of the series.
  void write(OutputFolder& folder) const;
  void draw(const OutputFolder& folder) const;

 private:
  /// The fit of one k that minimised most so far, with its W on disk.
  struct Best {
    std::size_t row;
    double minimised;
    std::string path;
  };

  const Comm& comm_;
  const FitArguments& arguments_;
  std::vector<report::SummaryRow> rows_;
  std::optional<Best> best_;  // of the k of the last row
};

}  // namespace mpinmf::cli
