#include "run_report.hpp"

#include <fmt/core.h>

namespace mpinmf::report {
namespace {

/// A heading above `lines`, or nothing where there are none.
std::string section(const std::string& heading, const std::string& lines) {
  return lines.empty() ? "" : "\n" + heading + "\n" + lines;
}

std::string lines_of(const std::vector<ReportRow>& rows) {
  std::string lines;
  for (const ReportRow& row : rows) {
    lines += row.name.empty() ? fmt::format("  {}\n", row.text) : fmt::format("  {:<16}{}\n", row.name, row.text);
  }
  return lines;
}

std::string lines_of(const std::vector<std::string>& texts) {
  std::string lines;
  for (const std::string& text : texts) lines += fmt::format("  {}\n", text);
  return lines;
}

std::string lines_of(const std::vector<PhaseRow>& rows) {
  if (rows.empty()) return "";
  const auto seconds = [](std::optional<double> value) { return value ? fmt::format("{:.3g}", *value) : ""; };
  std::string lines =
      fmt::format("  {:<16}{:>10}{:>10}{:>10}{:>10}  {}\n", "", "min", "mean", "max", "share", "most, on rank");
  for (const PhaseRow& row : rows) {
    std::string line = fmt::format("  {:<16}{:>10}{:>10}", row.name, seconds(row.least), seconds(row.mean));
    if (row.share) line += fmt::format("{:>10}{:>8.1f} %", seconds(row.most), *row.share);
    lines += line + (row.slowest.empty() ? "" : "  " + row.slowest) + "\n";
  }
  return lines;
}

}  // namespace

std::string run_report(const JsonFields& run) {
  const RunRows rows = run_rows(run);
  const std::string hints = lines_of(rows.hints);
  const std::string page = section("Asked", lines_of(rows.asked)) + section("Ended", lines_of(rows.ended)) +
                           section("Ran on", lines_of(rows.where)) + section("Seconds", lines_of(rows.seconds)) +
                           section("Balance", lines_of(rows.balance)) +
                           section("Warnings", lines_of(rows.warnings)) +
                           section("Hints", hints.empty() ? "  none: nothing stands out\n" : hints);
  return page.substr(1);  // the empty line above the first section; the last one is always there
}

}  // namespace mpinmf::report
