#include "finished_run.hpp"

#include <fmt/core.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "mpinmf/error.hpp"

namespace mpinmf::report {
namespace {

using Json = nlohmann::ordered_json;

/// What is not finite stands as null.
double number_or(const Json& json, const char* name, double otherwise) {
  return json.at(name).is_null() ? otherwise : json.at(name).get<double>();
}

}  // namespace

FinishedRun parse_finished_run(const std::string& text, const std::string& path) {
  try {
    const Json json = Json::parse(text), &options = json.at("options");
    FinishedRun run;
    if (json.contains("checkpoints")) {
      for (const auto& [name, value] : json["checkpoints"].at("fit").items()) run.fit.emplace_back(name, value);
    }
    run.iterations = json.at("iterations").get<Index>();
    run.stop_reason = json.at("stop_reason").get<std::string>();
    run.tolerance = options.at("tolerance").get<double>();
    run.max_seconds = number_or(options, "max_seconds", std::numeric_limits<double>::infinity());
    run.row.components = options.at("components").get<Index>();
    run.row.seed = options.at("seed").get<std::string>();
    run.row.cost.loss = number_or(json, "loss", Cost::unknown);
    run.row.cost.reconstruction_error = number_or(json, "reconstruction_error", Cost::unknown);
    run.row.cost.penalty = number_or(json, "penalty", 0);
    run.row.iterations = run.iterations;
    const Json& seconds = json.at("seconds");
    run.row.seconds = number_or(seconds, "total", Cost::unknown) - number_or(seconds.at("read"), "max", 0);
    run.row.stop_reason = run.stop_reason;
    return run;
  } catch (const Json::exception& error) {
    throw BadData(fmt::format("{} is not the run.json of a fit: {}", path, error.what()));
  }
}

bool is_finished(const FinishedRun& run, const Options& options) {
  if (run.stop_reason == to_string(StopReason::request)) return false;
  if (run.stop_reason == to_string(StopReason::max_iterations)) return run.iterations >= options.max_iterations;
  if (run.stop_reason == to_string(StopReason::max_seconds)) return run.max_seconds >= options.max_seconds;
  if (run.stop_reason == to_string(StopReason::tolerance)) return run.tolerance <= options.tolerance;
  return true;
}

std::string without_written(const std::string& text, const std::string& name) {
  Json json = Json::parse(text);
  std::vector<std::string> written = json.at("written").get<std::vector<std::string>>();
  std::erase(written, name);
  json["written"] = written;
  return json.dump(2) + "\n";
}

}  // namespace mpinmf::report
