#include "finished_run.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <vector>

#include "mpinmf/error.hpp"
#include "run_report.hpp"

namespace mpinmf::report {
namespace {

/// What is done after the last iteration.
bool has_results_of(const FinishedRun& run, const ResolvedOptions& options) {
  if (run.has_final_w != options.final_w || run.normalize != name_of(options.normalize)) return false;
  return options.normalize == Norm::none ||
         (run.scales_w == (options.normalize_factor == Factor::w) && run.has_diagonal == options.diagonal);
}

}  // namespace

FinishedRun parse_finished_run(const std::string& text, const std::string& path) {
  const JsonFields json(text, path);
  FinishedRun run;
  for (const auto& [name, value] : json.at("/checkpoints/fit").items()) {
    if (value.is_string()) run.fit.emplace_back(name, value.get<std::string>());
  }
  run.sample_of_v = json.text("/checkpoints/sample_of_v");
  run.row = summary_row(json);
  run.row.cost.reconstruction_error = json.number("/reconstruction_error", Cost::unknown);
  if (run.row.stop_reason.empty()) throw BadData(fmt::format("{} is not the run.json of a fit", path));
  run.tolerance = json.number("/options/tolerance", 0);
  run.max_seconds = json.number("/options/max_seconds", std::numeric_limits<double>::infinity());
  run.has_final_w = json.flag("/options/final_w");
  run.normalize = json.text("/options/normalize");
  run.scales_w = json.text("/options/normalize_factor") == "w";
  run.has_diagonal = json.flag("/options/diagonal");
  for (const auto& name : json.at("/written")) run.written.push_back(name.get<std::string>());
  return run;
}

bool is_finished(const FinishedRun& run, const ResolvedOptions& options, const std::vector<std::string>& wanted) {
  const auto is_there = [&](const std::string& name) {
    return std::find(run.written.begin(), run.written.end(), name) != run.written.end();
  };
  if (!has_results_of(run, options) || !std::all_of(wanted.begin(), wanted.end(), is_there)) return false;
  const std::string& reason = run.row.stop_reason;
  if (reason == to_string(StopReason::request)) return false;
  if (reason == to_string(StopReason::max_iterations)) return run.row.iterations >= options.max_iterations;
  if (reason == to_string(StopReason::max_seconds)) return run.max_seconds >= options.max_seconds;
  if (reason == to_string(StopReason::tolerance)) return run.tolerance <= options.tolerance;
  return true;
}

std::string without_written(const std::string& text, const std::string& name) {
  auto json = nlohmann::ordered_json::parse(text);
  auto written = json.at("written").get<std::vector<std::string>>();
  std::erase(written, name);
  json["written"] = written;
  return json.dump(2) + "\n";
}

}  // namespace mpinmf::report
