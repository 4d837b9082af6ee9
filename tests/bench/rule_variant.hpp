// A rule for the Frobenius loss, plain or extrapolated.
#pragma once

#include <string>
#include <vector>

#include "mpinmf/options.hpp"

namespace mpinmf::bench {

struct RuleVariant {
  std::string rule;
  bool extrapolated = false;

  std::string name() const { return extrapolated ? rule + "+e" : rule; }
  /// Options with this rule, which do nothing after the last iteration.
  Options options(Index components, int threads) const;
};

/// All that there are.
std::vector<RuleVariant> all_variants();
/// "ahals+e": a rule, and "+e" where it is extrapolated. Throws UsageError, listing all.
RuleVariant find_variant(const std::string& name);
/// The named ones, or all where none is named. Throws as above.
std::vector<RuleVariant> find_variants(const std::vector<std::string>& names);

}  // namespace mpinmf::bench
