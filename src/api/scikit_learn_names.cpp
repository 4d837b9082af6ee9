#include "scikit_learn_names.hpp"

#include "option_text.hpp"
#include "rules/rule.hpp"

namespace mpinmf {
namespace {

std::vector<std::string> with(std::vector<std::string> names, const char* also) {
  names.emplace_back(also);
  return names;
}

}  // namespace

OptionAccess rule_access() {
  OptionAccess access;
  access.is_chosen = true;
  access.names = with(rule_names(), "cd");
  access.set = [](Options& options, const std::string& text) {
    options.rule = text == "cd" ? std::string(default_rule<double>(DefaultFor::scikit_learn).name) : text;
  };
  access.value = [](const ResolvedOptions& options) -> OptionValue { return options.rule_name(); };
  return access;
}

OptionAccess start_access() {
  auto start = access_to<&Options::start, &ResolvedOptions::start>(with(start_names(), "custom"));
  start.set = [](Options& options, const std::string& text) {
    options.start = parse_start(text == "custom" ? "files" : text);
  };
  return start;
}

}  // namespace mpinmf
