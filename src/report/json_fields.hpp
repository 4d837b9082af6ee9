// A run.json as its readers see it: any field may be missing, or of a kind that was not expected.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "mpinmf/matrix.hpp"

namespace mpinmf::report {

class JsonFields {
 public:
  /// Throws BadData, naming `path`, when `text` is not the run.json of a command.
  JsonFields(const std::string& text, const std::string& path);

  /// Fields are named by their JSON pointer: "/seconds/sweep/max". Nothing where there is no such number.
  std::optional<double> number(const std::string& field) const;
  double number(const std::string& field, double otherwise) const { return number(field).value_or(otherwise); }
  /// Empty where there is no such text.
  std::string text(const std::string& field) const;
  /// False where there is none.
  bool flag(const std::string& field) const;
  /// null where there is nothing.
  const nlohmann::ordered_json& at(const std::string& field) const;

 private:
  nlohmann::ordered_json json_;
};

}  // namespace mpinmf::report
