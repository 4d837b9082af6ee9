#include "rule_variant.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "mpinmf/error.hpp"
#include "rules/rule.hpp"

namespace mpinmf::bench {

Options RuleVariant::options(Index components, int threads) const {
  Options options;
  options.components = components;
  options.rule = rule;
  options.extrapolate = extrapolated;
  options.final_w = false;
  options.tolerance = 0;
  options.threads = threads;
  return options;
}

std::vector<RuleVariant> all_variants() {
  std::vector<RuleVariant> variants;
  for (const std::string& name : rule_names()) {
    const Rule<double>& rule = find_rule<double>(name);
    if (rule.needs_entry_newton) continue;  // Kullback-Leibler
    variants.push_back({name, false});
    if (rule.extrapolates) variants.push_back({name, true});
  }
  return variants;
}

RuleVariant find_variant(const std::string& name) {
  std::vector<std::string> known;
  for (const RuleVariant& variant : all_variants()) {
    if (variant.name() == name) return variant;
    known.push_back(variant.name());
  }
  throw UsageError(fmt::format("'{}' is not a rule here; the known ones are {}", name, fmt::join(known, ", ")));
}

std::vector<RuleVariant> find_variants(const std::vector<std::string>& names) {
  if (names.empty()) return all_variants();
  std::vector<RuleVariant> variants;
  for (const std::string& name : names) variants.push_back(find_variant(name));
  return variants;
}

}  // namespace mpinmf::bench
