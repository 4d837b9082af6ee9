// mpinmf plot: the cost pictures of one or several fits. Starts no MPI.
#include "report/plot.hpp"

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "command.hpp"
#include "fit_results.hpp"
#include "report/text_file.hpp"
#include "report/trace_csv.hpp"
#include "solver_arguments.hpp"

namespace mpinmf::cli {
namespace {

struct PlotArguments {
  std::vector<std::string> folders;
  std::string output;
};

/// The folder's name, or its path where another has the same name.
std::string title_of(const std::string& folder, const std::vector<std::string>& folders) {
  const std::string name = name_of_matrix(folder);
  const auto same = [&](const std::string& other) { return name_of_matrix(other) == name; };
  return std::count_if(folders.begin(), folders.end(), same) > 1 ? folder : name;
}

void run(const PlotArguments& a) {
  std::vector<report::Curve> curves;
  for (const std::string& folder : a.folders) {
    require_single_fit(folder);
    const std::string path = (std::filesystem::path(folder) / "trace.csv").string();
    curves.push_back({title_of(folder, a.folders), report::parse_trace_csv(report::read_text_file(path), path)});
  }
  std::string stem = a.output;
  if (stem.empty()) stem = a.folders.size() > 1 ? "cost" : (std::filesystem::path(a.folders[0]) / "cost").string();
  const std::string fault = report::draw_costs(curves, stem);
  if (fault.empty()) {
    fmt::print("wrote {0}.svg and {0}.png\n", stem);
    return;
  }
  const std::string message = fmt::format("{0}.svg and {0}.png were not drawn: {1}", stem, fault);
  if (fault != report::no_gnuplot) throw SystemError(message);
  note(message);
}

}  // namespace

Command add_plot(CLI::App& program) {
  auto arguments = std::make_shared<PlotArguments>();
  CLI::App* app =
      program.add_subcommand("plot", "draw the reconstruction error over the number of updates (needs gnuplot)");
  app->add_option("DIR", arguments->folders, "folders that fits wrote; several go into one picture")->required();
  app->add_option("--output", arguments->output,
                  "path without ending of the .svg and .png; default: DIR/cost for one folder, cost for several");
  return {app, [] {}, [arguments](const Comm&) { run(*arguments); }, false};
}

}  // namespace mpinmf::cli
