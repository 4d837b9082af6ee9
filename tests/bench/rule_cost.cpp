#include "rule_cost.hpp"

#include <fmt/format.h>

#include <limits>

#include "rule_variant.hpp"
#include "sweep_timer.hpp"
#include "workloads.hpp"

namespace mpinmf::bench {
namespace {

constexpr int rounds_of_each = 3;

RuleCost measure_rule(const DataMatrix<double>& v, const Workload& workload, const RuleVariant& variant,
                      const Arguments& arguments, int threads) {
  const Comm& comm = v.comm();
  SweepTimer<double> timer(v, variant.options({}, workload.components, threads));
  Effort effort = arguments.effort;
  effort.seconds /= 2 * rounds_of_each;
  constexpr double infinite = std::numeric_limits<double>::infinity();
  RuleCost cost{workload.name, variant.name(), workload.components, infinite, infinite, infinite, infinite};
  double sweep = infinite;
  const auto lower = [](double& least, double seconds) { least = std::min(least, seconds); };
  for (int round = 0; round < rounds_of_each; ++round) {
    const Spread still = measure(comm, effort, [&] { timer.still_sweep(); });
    const TimedIterations timed = timer.iterations(effort.repeats_of(still.median));
    const auto count = static_cast<double>(timed.count);
    lower(cost.still_sweep, still.median);
    lower(cost.iteration, spread_of(timed.seconds).median);
    lower(sweep, comm.max(timed.phases.sweep / count));
    lower(cost.h, comm.max(timed.phases.rule / count));
  }
  cost.w = sweep - cost.still_sweep;
  return cost;
}

}  // namespace

void measure_rule_costs(const Comm& comm, const Arguments& arguments, int threads,
                        const std::function<void(const RuleCost&)>& take) {
  for (const std::string& name : arguments.workloads) {
    const Workload workload = find_workload(name);
    const DataMatrix<double> v =
        make_data<double>(comm, workload, find_data(comm, workload, arguments.data, arguments.scale));
    for (const RuleVariant& variant : find_variants(all_rules({}), arguments.rules)) {
      take(measure_rule(v, workload, variant, arguments, threads));
    }
  }
}

std::string rule_cost_head() {
  return fmt::format("{:<10} {:>4} {:<20} {:>12} {:>12} {:>10} {:>10} {:>8}\n", "", "", "", "iteration",
                     "still sweep", "W", "H", "rule of") +
         fmt::format("{:<10} {:>4} {:<20} {:>12} {:>12} {:>10} {:>10} {:>8}\n", "case", "k", "rule", "[ms]",
                     "[ms]", "[ms]", "[ms]", "whole");
}

std::string rule_cost_line(const RuleCost& c) {
  constexpr double milli = 1e-3;
  return fmt::format("{:<10} {:>4} {:<20} {:>12.3f} {:>12.3f} {:>10.3f} {:>10.3f} {:>6.1f} %\n", c.workload,
                     c.components, c.rule, c.iteration / milli, c.still_sweep / milli, c.w / milli, c.h / milli,
                     100 * c.share());
}

std::string rule_cost_csv(const std::vector<RuleCost>& costs) {
  std::string text = "workload,components,rule,iteration_seconds,still_sweep_seconds,w_seconds,h_seconds,share\n";
  for (const RuleCost& c : costs) {
    text += fmt::format("{},{},{},{:.6g},{:.6g},{:.6g},{:.6g},{:.4f}\n", c.workload, c.components, c.rule,
                        c.iteration, c.still_sweep, c.w, c.h, c.share());
  }
  return text;
}

}  // namespace mpinmf::bench
