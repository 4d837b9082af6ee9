#include "json_fields.hpp"

#include <fmt/core.h>

#include "mpinmf/error.hpp"

namespace mpinmf::report {

using Json = nlohmann::ordered_json;

JsonFields::JsonFields(const std::string& text, const std::string& path) {
  try {
    json_ = Json::parse(text);
  } catch (const Json::exception& error) {
    throw BadData(fmt::format("{} is broken: {}; is it complete?", path, error.what()));
  }
  if (this->text("/command").empty()) {
    throw BadData(fmt::format("{} is not the run.json of mpinmf fit or transform: it names no command", path));
  }
}

const Json& JsonFields::at(const std::string& field) const {
  static const Json nothing;
  const Json::json_pointer pointer(field);
  return json_.contains(pointer) ? json_.at(pointer) : nothing;
}

std::optional<double> JsonFields::number(const std::string& field) const {
  const Json& value = at(field);
  return value.is_number() ? std::optional<double>(value.get<double>()) : std::nullopt;
}

std::string JsonFields::text(const std::string& field) const {
  const Json& value = at(field);
  return value.is_string() ? value.get<std::string>() : "";
}

bool JsonFields::flag(const std::string& field) const {
  const Json& value = at(field);
  return value.is_boolean() && value.get<bool>();
}

}  // namespace mpinmf::report
