// What a rule costs beside the sweep that it rides on.
#pragma once

#include <functional>
#include <string>

#include "arguments.hpp"

namespace mpinmf::bench {

/// Seconds, each the least of several measurements: what other programs on the machine disturbed least.
struct RuleCost {
  std::string workload, rule;
  Index components = 0;
  double iteration = 0;    ///< whole, on the slowest rank
  double still_sweep = 0;  ///< a walk over V with all its products and sums that moves nothing
  double w = 0;            ///< an iteration's sweep less the still one: what moving W costs
  double h = 0;            ///< an iteration's update of H, on the rank that takes longest

  double share() const { return (w + h) / iteration; }
};

/// Measures every rule asked for on every workload asked for, in double, and hands each result to `take`, on every
/// rank. Collective; throws what loading and fitting throw.
void measure_rule_costs(const Comm& comm, const Arguments& arguments, int threads,
                        const std::function<void(const RuleCost&)>& take);

std::string rule_cost_head();
std::string rule_cost_line(const RuleCost& cost);
std::string rule_cost_csv(const std::vector<RuleCost>& costs);

}  // namespace mpinmf::bench
