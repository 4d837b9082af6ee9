// mpinmf report: run.json of a result folder as a page. Starts no MPI.
#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "command.hpp"
#include "fit_results.hpp"
#include "mpinmf/error.hpp"
#include "report/run_report.hpp"
#include "report/text_file.hpp"
#include "run_lock.hpp"

namespace mpinmf::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* record_name = "run.json";

struct Fit {
  std::string folder;
  report::JsonFields run;
  report::SummaryRow row;
};

report::JsonFields read_run(const fs::path& path) {
  return report::JsonFields(report::read_text_file(path.string()), path.string());
}

double minimised(const Fit& fit) {
  const double total = fit.row.cost.loss + fit.row.cost.penalty;
  return std::isnan(total) ? std::numeric_limits<double>::infinity() : total;
}

/// The fits in the folders below, by k and then by name.
std::vector<Fit> fits_below(const fs::path& folder) {
  std::vector<Fit> fits;
  for (const fs::path& path : results_in(folder)) {
    if (path.filename() != record_name) continue;
    report::JsonFields run = read_run(path);
    report::SummaryRow row = report::summary_row(run);
    fits.push_back({path.parent_path().string(), std::move(run), std::move(row)});
  }
  std::stable_sort(fits.begin(), fits.end(),
                   [](const Fit& a, const Fit& b) { return a.row.components < b.row.components; });
  return fits;
}

/// Marks the best of each k. Returns the best of all. @pre sorted by k, not empty
const Fit& mark_best(std::vector<Fit>& fits) {
  const auto is_better = [](const Fit& a, const Fit& b) { return minimised(a) < minimised(b); };
  for (auto first = fits.begin(); first != fits.end();) {
    const Index k = first->row.components;
    const auto last = std::find_if(first, fits.end(), [&](const Fit& fit) { return fit.row.components != k; });
    std::min_element(first, last, is_better)->row.best = true;
    first = last;
  }
  return *std::min_element(fits.begin(), fits.end(), is_better);
}

void report_series(const fs::path& folder) {
  std::vector<Fit> fits = fits_below(folder);
  if (fits.empty()) {
    std::error_code ignored;
    const bool runs = fs::exists(lock_path(folder.string()), ignored);
    throw SystemError(fmt::format("{} does not exist: {}", (folder / record_name).string(),
                                  runs ? "a fit writes it when it ends, and one is at work there (or was killed)"
                                       : "name the folder that fit or transform wrote (--output)"));
  }
  const Fit& best = mark_best(fits);
  fmt::print("{}: {} fits; * marks the best of each k\n{}", folder.string(), fits.size(), report::summary_head());
  for (const Fit& fit : fits) fmt::print("{}", report::summary_line(fit.row));
  fmt::print("\nThe least loss of all: {}. For another: mpinmf report {}\n\n{}", best.folder,
             (folder / "kN" / "seedS").string(), report::run_report(best.run));
}

void run(const std::string& name) {
  const fs::path folder(name);
  std::error_code ignored;
  if (!fs::exists(folder, ignored)) throw SystemError(fmt::format("{} does not exist", name));
  if (!fs::is_directory(folder, ignored)) {
    throw UsageError(fmt::format("{} is no folder: name the one that holds run.json", name));
  }
  const fs::path path = folder / record_name;
  if (!fs::exists(path, ignored)) return report_series(folder);
  fmt::print("{}\n\n{}", path.string(), report::run_report(read_run(path)));
}

}  // namespace

Command add_report(CLI::App& program) {
  auto folder = std::make_shared<std::string>();
  CLI::App* app = program.add_subcommand(
      "report", "how a run went, from its run.json: result, places, times, balance, memory, and hints");
  app->add_option("DIR", *folder, "the folder a fit or transform wrote; of several fits the best is shown")
      ->required();
  return {app, [] {}, [folder](const Comm&) { run(*folder); }, false};
}

}  // namespace mpinmf::cli
