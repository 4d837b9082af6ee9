// What run.json says of a model, for commands that use it.
#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "io/reading.hpp"
#include "mpinmf/error.hpp"
#include "run_json.hpp"

namespace mpinmf::report {

ModelFacts parse_run_json(const std::string& text, const std::string& path) {
  try {
    const nlohmann::json json = nlohmann::json::parse(text);
    ModelFacts facts;
    facts.loss = Loss::parse(json.at("options").at("loss").get<std::string>());
    facts.single_precision = json.at("options").at("precision").get<std::string>() == "float";
    facts.add = json.at("input").at("add").get<double>();
    facts.missing = parse_missing(json.at("input").value("missing", name_of(Missing::none)));
    facts.loss.missing = facts.missing;
    facts.transposed = json.at("input").at("transposed").get<bool>();
    facts.clip_negative = json.at("input").value("clip_negative", 0.0);
    const nlohmann::json& options = json.at("options");
    facts.diagonal = options.value("diagonal", false);
    facts.alpha_w = options.value("alpha_w", 0.0);
    facts.w_sums_to_one = options.value("sum_to_one", "none") == "w";
    facts.l1_ratio = options.value("l1_ratio", 0.0);
    facts.zero_below = options.value("zero_below", 0.0);
    return facts;
  } catch (const nlohmann::json::exception& error) {
    throw BadData(fmt::format("{} is not the run.json of a fit: {}", path, error.what()));
  } catch (const UsageError& error) {
    throw BadData(fmt::format("{} is not the run.json of a fit: {}", path, error.what()));
  }
}

FileReading parse_reading(const std::string& text, const std::string& path) {
  try {
    const nlohmann::json json = nlohmann::json::parse(text).at("input").value("read_as", nlohmann::json::object());
    FileReading file;
    for (const io::ReadingField& field : io::reading_fields) file.*field.text = json.value(field.key, "");
    return file;
  } catch (const nlohmann::json::exception& error) {
    throw BadData(fmt::format("{} is not the run.json of a fit: {}", path, error.what()));
  }
}

}  // namespace mpinmf::report
