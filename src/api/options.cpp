#include "mpinmf/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string_view>

#include "init/start_table.hpp"
#include "losses/loss_table.hpp"
#include "mpinmf/error.hpp"
#include "mpinmf/trace.hpp"
#include "rules/rule.hpp"

namespace mpinmf {
namespace {

/// Frobenius with no rule named.
/// Up to so many components block pivoting is cheap beside a sweep; its work grows with k^3, that of ahals with
/// k^2.
constexpr Index most_components_of_exact_default = 50;
/// Where a row or a column of V has fewer entries a component than this, exact solutions take most of an
/// iteration.
constexpr Index least_entries_a_component = 4;

/// Who asks for inner rounds gets a rule that takes them.
std::string least_squares_rule(const Options& options, Index rows, Index columns) {
  const Index components = options.components;
  const bool exact = options.inner_rounds == 0 && components <= most_components_of_exact_default &&
                     std::min(rows, columns) / least_entries_a_component >= components;
  return std::string(default_rule<double>(exact ? DefaultFor::exact_half_steps : DefaultFor::least_squares).name);
}

/// More inner rounds than this are a slip of the pen.
constexpr int most_inner_rounds = 100000;

void require(bool good, const std::string& message) {
  if (!good) throw UsageError(message);
}

template <class V>
struct Named {
  std::string_view name;
  V value;
};
constexpr std::array<Named<Stop>, 4> stops{{{"loss", Stop::loss},
                                            {"scikit-learn-mu", Stop::scikit_learn_mu},
                                            {"scikit-learn-cd", Stop::scikit_learn_cd},
                                            {"projected-gradient", Stop::projected_gradient}}};
constexpr std::array<Named<Norm>, 4> norms{
    {{"none", Norm::none}, {"l1", Norm::l1}, {"l2", Norm::l2}, {"max", Norm::max}}};

template <class V, std::size_t n>
V value_named(const std::array<Named<V>, n>& table, const std::string& text, const char* what) {
  std::vector<std::string_view> names;
  for (const Named<V>& known : table) {
    if (text == known.name) return known.value;
    names.push_back(known.name);
  }
  throw UsageError(fmt::format("unknown {} '{}': known are {}", what, text, fmt::join(names, ", ")));
}
template <class V, std::size_t n>
std::string name_in(const std::array<Named<V>, n>& table, V value) {
  for (const Named<V>& known : table) {
    if (value == known.value) return std::string(known.name);
  }
  return "";
}

void check_numbers(const Options& o) {
  require(o.components >= 1, fmt::format("the number of components k must be at least 1, not {}", o.components));
  require(o.components <= std::numeric_limits<std::int32_t>::max(),
          fmt::format("the number of components k must be below 2^31, not {}", o.components));
  require(std::isfinite(o.loss.beta), "beta must be a finite number");
  require(o.max_iterations >= 0,
          fmt::format("the maximum of iterations must be at least 0, not {}", o.max_iterations));
  require(o.tolerance >= 0 && std::isfinite(o.tolerance),
          fmt::format("the tolerance must be at least 0, not {}", o.tolerance));
  require(o.max_seconds > 0, fmt::format("the maximum of seconds must be above 0, not {}", o.max_seconds));
  require(o.zero_below >= 0 && std::isfinite(o.zero_below),
          fmt::format("the threshold below which entries are set to 0 must be at least 0, not {}", o.zero_below));
  require(o.trace_every >= 1,
          fmt::format("the trace can be written every 1 or more iterations, not {}", o.trace_every));
  require(
      o.threads >= 0 && o.threads <= most_threads,
      fmt::format("the number of threads must be from 0 (which chooses) to {}, not {}", most_threads, o.threads));
  require(o.inner_rounds >= 0 && o.inner_rounds <= most_inner_rounds,
          fmt::format("the inner rounds must be from 0 (which chooses) to {}, not {}", most_inner_rounds,
                      o.inner_rounds));
  for (const double alpha : {o.alpha_w, o.alpha_h.value_or(0)}) {
    require(alpha >= 0 && std::isfinite(alpha), fmt::format("a penalty alpha must be at least 0, not {}", alpha));
  }
  require(o.l1_ratio >= 0 && o.l1_ratio <= 1, fmt::format("the l1 ratio must be from 0 to 1, not {}", o.l1_ratio));
}

/// @pre nothing is unset
void check_combination(const Options& o) {
  const Rule<double>& rule = find_rule<double>(o.rule);
  const LossFacts loss = facts_of(o.loss);
  require(loss.offers.includes(rule.needs),
          fmt::format("--rule {} minimises the frobenius loss, not {}: use --rule mu", o.rule, o.loss.name()));
  require(loss.has_entry_newton || !rule.needs_entry_newton,
          fmt::format("--rule {} minimises another loss than {}: use --loss kullback-leibler, or --rule mu",
                      o.rule, o.loss.name()));
  require(
      !*o.extrapolate || rule.extrapolates,
      fmt::format("--rule {} cannot be extrapolated: use hals, ahals or anls-bpp, or --extrapolate no", o.rule));
  require(!*o.extrapolate || o.order == Order::w_first,
          "extrapolation moves W first: leave --order h-first or --extrapolate out");
  require(!*o.final_w || loss.has_least_squares(), "--final-w solves for W in the frobenius loss only");
  require(o.stop != Stop::scikit_learn_cd || rule.counts_violation,
          fmt::format("--stop scikit-learn-cd counts what --rule hals meets, but the rule is {}", o.rule));
  require(o.stop != Stop::scikit_learn_cd || !*o.extrapolate,
          "--stop scikit-learn-cd and extrapolation exclude each other");
  require(!o.diagonal || o.normalize != Norm::none, "--diagonal needs --normalize l1, l2 or max");
  require(o.zero_below == 0 || loss.zeroes_h,
          fmt::format("--zero-below acts as scikit-learn does, in losses of beta up to 1 (kullback-leibler, "
                      "itakura-saito): leave it out for {}",
                      o.loss.name()));
  require(o.inner_rounds == 0 || rule.takes_rounds, fmt::format("--rule {} takes no inner rounds", o.rule));
}

}  // namespace

Stop parse_stop(const std::string& text) {
  return value_named(stops, text, "stopping rule");
}
std::string name_of(Stop stop) {
  return name_in(stops, stop);
}
Norm parse_norm(const std::string& text) {
  return value_named(norms, text, "norm");
}
std::string name_of(Norm norm) {
  return name_in(norms, norm);
}

Options Options::with_choices(Index rows, Index columns) const {
  Options chosen = *this;
  const bool by_default = rule.empty(), has_least_squares = facts_of(loss).has_least_squares();
  if (by_default) {
    chosen.rule = has_least_squares ? least_squares_rule(*this, rows, columns)
                                    : std::string(default_rule<double>(DefaultFor::any_loss).name);
  }
  if (!extrapolate) chosen.extrapolate = by_default && has_least_squares && order == Order::w_first;
  if (!final_w) chosen.final_w = find_rule<double>(chosen.rule).is_exact;
  if (!alpha_h) chosen.alpha_h = alpha_w;
  if (!facts_of(start).is_choice) return chosen;
  // what multiplies keeps the zeros of such a start; exact half-steps reach as good an end from a random one, and
  // sooner than the SVD is made (swimmer, golub), where the symmetry of the SVD can hold them at a worse one
  const Rule<double>& moves = find_rule<double>(chosen.rule);
  const bool suits = start == Start::scikit_learn || (!moves.locks_zeros && !moves.is_exact);
  const bool from_svd = suits && components <= std::min(rows, columns);
  const Start from_singular_vectors = start == Start::scikit_learn ? Start::nndsvda : Start::nndsvdm;
  chosen.start = from_svd ? from_singular_vectors : Start::random;
  return chosen;
}

void Options::check() const {
  check_numbers(*this);
  constexpr Index any = std::numeric_limits<Index>::max();  // what may go together does not depend on V
  check_combination(with_choices(any, any));
}

}  // namespace mpinmf
