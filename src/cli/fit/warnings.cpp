#include "warnings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "losses/loss_table.hpp"
#include "rules/rule.hpp"

namespace mpinmf::cli {
namespace {

/// KKT residual of a pair that moves no more, whatever a tolerance on the loss says.
constexpr double stationary = 1e-5;

void warn_of_components(const std::vector<Index>& components, Index most, Warnings& warnings) {
  std::vector<Index> larger;
  std::copy_if(components.begin(), components.end(), std::back_inserter(larger),
               [&](Index k) { return k > most; });
  if (larger.empty()) return;
  warnings.add(
      fmt::format("k = {} is more than min(m, n) = {}, and so many components meet V exactly: more of them "
                  "explain nothing and "
                  "cost work. Take a smaller -k",
                  fmt::join(larger, ", "), most));
}

void warn_of_one_penalty(const Options& options, Warnings& warnings) {
  const bool on_w = options.alpha_w > 0, on_h = options.alpha_h.value_or(options.alpha_w) > 0;
  if (on_w == on_h) return;
  warnings.add(fmt::format(
      "a penalty on {} alone holds nothing back: {} shrinks while {} grows, and the scale drifts without "
      "end. {}",
      on_w ? "W" : "H", on_w ? "W" : "H", on_w ? "H" : "W",
      on_w ? "Leave --alpha-h out, and it is that of W" : "Give --alpha-w, too"));
}

template <class T>
void warn_of_end(const Nmf<T>& model, Warnings& warnings) {
  const ResolvedOptions& o = model.resolved_options();
  const bool is_cut_short = model.stop_reason() == StopReason::max_iterations && o.max_iterations > 0;
  const double kkt = std::max(model.kkt_w(), model.kkt_h());
  if (!is_cut_short || o.tolerance == 0 || kkt <= stationary) return;
  std::string text =
      fmt::format("not converged after {} iteration{}", model.iterations(), model.iterations() == 1 ? "" : "s");
  if (!std::isnan(kkt)) {
    text += fmt::format(" (KKT residual {:.2g} of W, {:.2g} of H; 0 is the goal)", model.kkt_w(), model.kkt_h());
  }
  text += ": take a larger --max-iterations";
  const LossFacts loss = facts_of(o.loss);
  if (loss.offers.has(Statistic::curvature) && !o.rule<T>().needs.has(Statistic::curvature)) {
    text += fmt::format(", or --rule {}, which needs fewer", default_rule<T>(default_for(loss)).name);
  }
  warnings.add(text + "; --tolerance 0 asks for a fixed number of them");
}

template <class T>
void warn_of_components_that_died(const Nmf<T>& model, Warnings& warnings) {
  const Options& o = model.options();
  const Index dead = model.dead_components(), k = o.components;
  const bool has_penalties = o.alpha_w > 0 || o.alpha_h.value_or(0) > 0;
  if (dead == 0) return;
  if (dead == k) {
    warnings.add(fmt::format("W H is 0 everywhere: {}",
                             has_penalties ? "the penalty outweighs V. Take a smaller --alpha-w and --alpha-h"
                                           : "take another --seed, or another start (--init)"));
    return;
  }
  const bool is_one = dead == 1;
  warnings.add(
      fmt::format("{} of {} components {} 0 and explain{} nothing: a smaller -k does without; {}another --seed or "
                  "start (--init){} "
                  "may bring {} to life",
                  dead, k, is_one ? "is" : "are", is_one ? "s" : "", o.revive ? "" : "--revive yes, ",
                  has_penalties ? " or a smaller penalty (--alpha-w, --alpha-h)" : "", is_one ? "it" : "them"));
}

template <class T>
void warn_of_zeros(const Nmf<T>& model, Warnings& warnings) {
  if (model.zero_models() == 0 || model.dead_components() == model.options().components) return;
  warnings.add(
      fmt::format("W H is 0 at {} entries where V is positive; their loss is that of 1.19e-7. Another --seed or a "
                  "start without zeros may avoid it",
                  model.zero_models()));
}

}  // namespace

template <class T>
void warn_of_request(const DataMatrix<T>& v, const Options& options, const std::vector<Index>& components,
                     Warnings& warnings) {
  warn_of_components(components, std::min(v.rows_global(), v.columns()), warnings);
  warn_of_one_penalty(options, warnings);
}

template <class T>
void warn_of_result(const DataMatrix<T>& v, const Nmf<T>& model, Warnings& warnings) {
  if (model.stop_reason() == StopReason::request) return;  // this is not the end
  if (v.summary().sum == 0) return;                        // whatever is 0 is right
  warn_of_end(model, warnings);
  warn_of_components_that_died(model, warnings);
  warn_of_zeros(model, warnings);
}

template void warn_of_request(const DataMatrix<float>&, const Options&, const std::vector<Index>&, Warnings&);
template void warn_of_request(const DataMatrix<double>&, const Options&, const std::vector<Index>&, Warnings&);
template void warn_of_result(const DataMatrix<float>&, const Nmf<float>&, Warnings&);
template void warn_of_result(const DataMatrix<double>&, const Nmf<double>&, Warnings&);

}  // namespace mpinmf::cli
