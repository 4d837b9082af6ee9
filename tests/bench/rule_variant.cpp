#include "rule_variant.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "losses/loss_table.hpp"
#include "mpinmf/error.hpp"
#include "rules/rule.hpp"

namespace mpinmf::bench {
namespace {

constexpr const char* reference = "both-orders";

}  // namespace

bool RuleVariant::is_reference() const {
  return rule == reference;
}

Options RuleVariant::options(const Loss& loss, Index components, int threads) const {
  Options options;
  options.components = components;
  options.loss = loss;
  options.rule = rule;
  options.extrapolate = extrapolated;
  options.final_w = false;
  options.tolerance = 0;
  options.threads = threads;
  return options;
}

std::vector<RuleVariant> all_rules(const Loss& loss) {
  const LossFacts facts = facts_of(loss);
  std::vector<RuleVariant> variants;
  for (const std::string& name : rule_names()) {
    const Rule<double>& rule = find_rule<double>(name);
    if (!fits(rule, facts)) continue;
    variants.push_back({name, false});
    if (rule.extrapolates != Extrapolated::nothing) variants.push_back({name, true});
  }
  return variants;
}

std::vector<RuleVariant> all_runners(const Loss& loss) {
  std::vector<RuleVariant> variants = all_rules(loss);
  if (facts_of(loss).has_entry_newton) variants.push_back({reference, false});
  return variants;
}

std::vector<RuleVariant> find_variants(const std::vector<RuleVariant>& known,
                                       const std::vector<std::string>& names) {
  if (names.empty()) return known;
  std::vector<RuleVariant> variants;
  for (const std::string& name : names) {
    const auto named = [&](const RuleVariant& variant) { return variant.name() == name; };
    const auto found = std::find_if(known.begin(), known.end(), named);
    if (found == known.end()) {
      std::vector<std::string> all;
      for (const RuleVariant& variant : known) all.push_back(variant.name());
      throw UsageError(fmt::format("'{}' is not a rule here; the known ones are {}", name, fmt::join(all, ", ")));
    }
    variants.push_back(*found);
  }
  return variants;
}

}  // namespace mpinmf::bench
