// mpinmf plot: the cost pictures of one or several fits. Starts no MPI.
#include "report/plot.hpp"

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "cli/fit/several_fits.hpp"
#include "command.hpp"
#include "report/say.hpp"
#include "report/text_file.hpp"
#include "report/trace_csv.hpp"
#include "solver_arguments.hpp"

namespace mpinmf::cli {
namespace {

struct PlotArguments {
  std::vector<std::string> folders;
  std::string output, log;  // log: x, y or both; empty: neither
};

/// The name of the folder that a curve stands for, or its path where another has the same name.
std::string title_of(const FitOfFolder& fit, const std::vector<FitOfFolder>& all) {
  const std::string name = name_of_matrix(fit.stands_for);
  const auto same = [&](const FitOfFolder& other) { return name_of_matrix(other.stands_for) == name; };
  return std::count_if(all.begin(), all.end(), same) > 1 ? fit.stands_for : name;
}

void run(const PlotArguments& a) {
  std::vector<FitOfFolder> fits;
  for (const std::string& folder : a.folders) {
    for (FitOfFolder& fit : best_fits_in(folder)) fits.push_back(std::move(fit));
  }
  std::vector<report::Curve> curves;
  for (const FitOfFolder& fit : fits) {
    const std::filesystem::path folder = fit.folder;
    const std::string path = (folder / "trace.csv").string();
    if (!std::filesystem::exists(path) && std::filesystem::exists(folder / "run.json")) {
      throw UsageError(fmt::format(
          "{}: has no trace.csv to draw, as a fit leaves it: a consensus, or what transform writes, has none",
          fit.folder));
    }
    curves.push_back({title_of(fit, fits), report::parse_trace_csv(report::read_text_file(path), path)});
  }
  std::string stem = a.output;
  if (stem.empty()) stem = a.folders.size() > 1 ? "cost" : (std::filesystem::path(a.folders[0]) / "cost").string();
  const std::string fault =
      report::draw_costs(curves, stem, {a.log == "x" || a.log == "both", a.log == "y" || a.log == "both"});
  if (fault.empty()) {
    fmt::print("wrote {0}.svg and {0}.png\n", stem);
    return;
  }
  const std::string message = fmt::format("{0}.svg and {0}.png were not drawn: {1}", stem, fault);
  if (fault != report::no_gnuplot) throw SystemError(message);
  report::note(message);
}

}  // namespace

Command add_plot(CLI::App& program) {
  auto arguments = std::make_shared<PlotArguments>();
  CLI::App* app =
      program.add_subcommand("plot", "draw the reconstruction error over the number of updates (needs gnuplot)");
  app->add_option("DIR", arguments->folders,
                  "folders that fits wrote; several go into one picture, as does the best fit of each k of one "
                  "that holds several fits")
      ->required();
  app->add_option("--output", arguments->output,
                  "path without ending of the .svg and .png; default: DIR/cost for one folder, cost for several");
  app->add_option("--log", arguments->log, "logarithmic axes: x, y or both (also when nothing follows)")
      ->expected(0, 1)
      ->default_str("both")
      ->check(CLI::IsMember({"x", "y", "both"}));
  return {app, [] {}, [arguments](const Comm&) { run(*arguments); }, false};
}

}  // namespace mpinmf::cli
