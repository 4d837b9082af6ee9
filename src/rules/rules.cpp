#include <fmt/format.h>

#include <array>
#include <string_view>

#include "mpinmf/error.hpp"
#include "rule.hpp"

namespace mpinmf {
namespace {

struct NamedRule {
  std::string_view name;
  Rule<float> single_precision;
  Rule<double> double_precision;
};
constexpr std::array<NamedRule, 1> rules{{
    {"mu", multiplicative<float>, multiplicative<double>},
}};

}  // namespace

template <class T>
Rule<T> find_rule(const std::string& name) {
  for (const NamedRule& rule : rules) {
    if (name != rule.name) continue;
    if constexpr (sizeof(T) == 4) {
      return rule.single_precision;
    } else {
      return rule.double_precision;
    }
  }
  throw UsageError(fmt::format("unknown rule '{}': known are {}", name, fmt::join(rule_names(), ", ")));
}
template Rule<float> find_rule(const std::string&);
template Rule<double> find_rule(const std::string&);

std::vector<std::string> rule_names() {
  std::vector<std::string> names;
  for (const NamedRule& rule : rules) names.emplace_back(rule.name);
  return names;
}

}  // namespace mpinmf
