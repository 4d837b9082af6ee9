#include "run_hints.hpp"

#include <fmt/core.h>

namespace mpinmf::report {
namespace {

/// Seconds: what a shorter run loses is not worth a sentence, and its times are mostly noise.
constexpr double least_total = 1;
/// Largest over mean seconds of the sweep: below, ranks differ as two runs do.
constexpr double uneven_sweep = 1.2;
/// Shares of the total.
constexpr double much_sweep = 0.05, much_waiting = 0.1, much_talk = 0.3, much_rule = 0.3, much_reading = 0.5;

double percent(double share) {
  return 100 * share;
}

/// Work explains a slow rank where it has most of it, and at least half as much above the mean as its seconds are.
std::string reason_for_slowness(const JsonFields& run, double imbalance) {
  const double work = run.number("/work/imbalance", 0);
  if (work == 0) return "";
  const bool has_most = run.number("/work/flops_of_a_sweep/max_rank") == run.number("/seconds/sweep/max_rank");
  if (has_most && work - 1 >= (imbalance - 1) / 2) {
    return fmt::format("; it has {:.1f} x the mean work: take fewer ranks, or shuffle the rows of V", work);
  }
  return "; it has no more work to do: see what else runs there, and whether ranks share cores";
}

void add_slowest_rank(const JsonFields& run, double total, std::vector<std::string>& hints) {
  const double mean = run.number("/seconds/sweep/mean", 0), most = run.number("/seconds/sweep/max", 0);
  const std::optional<double> rank = run.number("/seconds/sweep/max_rank");
  if (!rank || mean <= 0 || most < much_sweep * total || most < uneven_sweep * mean) return;
  hints.push_back(fmt::format("the slowest rank in the sweep is {:.0f} on {}: {:.1f} x the mean{}", *rank,
                              run.text("/seconds/sweep/max_host"), most / mean,
                              reason_for_slowness(run, most / mean)));
}

void add_shares(const JsonFields& run, double total, std::vector<std::string>& hints) {
  const double waiting = run.number("/seconds/waiting_in_sum/mean", 0) / total;
  if (waiting >= much_waiting) {
    hints.push_back(fmt::format("a rank waits {:.0f} % of the time for slower ones in the sum", percent(waiting)));
  }
  // the least: what is above it was waiting
  const double talk = (run.number("/seconds/sum/min", 0) + run.number("/seconds/broadcast/min", 0)) / total;
  if (talk >= much_talk) {
    hints.push_back(fmt::format("messages take {:.0f} % of the time: fewer ranks with more threads each send less",
                                percent(talk)));
  }
  const double rule = run.number("/seconds/rule/max", 0) / total;
  if (rule >= much_rule && run.number("/ranks", 1) > 1) {
    hints.push_back(fmt::format("the update of H takes {:.0f} % of the time{}", percent(rule),
                                run.flag("/communication/pipelined") ? "" : " on one rank, and the others wait"));
  }
  const double reading = run.number("/seconds/read/max", 0) / total;
  if (reading >= much_reading) {
    hints.push_back(fmt::format(
        "reading V takes {:.0f} % of the time: {}-k with a list fits several k after reading once",
        percent(reading),
        run.flag("/input/sparse") ? "mpinmf convert makes a form that all ranks read at once, and " : ""));
  }
}

}  // namespace

std::vector<std::string> run_hints(const JsonFields& run) {
  std::vector<std::string> hints;
  const double total = run.number("/seconds/total", 0);
  if (total >= least_total) {
    add_slowest_rank(run, total, hints);
    add_shares(run, total, hints);
  }
  return hints;
}

}  // namespace mpinmf::report
