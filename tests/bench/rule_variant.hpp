// A rule for a loss, plain or extrapolated, or the reference that rules are held against.
#pragma once

#include <string>
#include <vector>

#include "mpinmf/options.hpp"

namespace mpinmf::bench {

struct RuleVariant {
  std::string rule;
  bool extrapolated = false;

  std::string name() const { return extrapolated ? rule + "+e" : rule; }
  /// No rule of mpinmf: minimise_in_both_orders (both_orders.hpp).
  bool is_reference() const;
  /// Options with this rule, which do nothing after the last iteration. @pre it is no reference
  Options options(const Loss& loss, Index components, int threads) const;
};

/// All rules that minimise this loss.
std::vector<RuleVariant> all_rules(const Loss& loss);
/// These, and the reference where there is one.
std::vector<RuleVariant> all_runners(const Loss& loss);
/// Those of `known` with these names, or all where none is given: "ahals+e" is a rule, and "+e" where it is
/// extrapolated. Throws UsageError, listing all.
std::vector<RuleVariant> find_variants(const std::vector<RuleVariant>& known,
                                       const std::vector<std::string>& names);

}  // namespace mpinmf::bench
