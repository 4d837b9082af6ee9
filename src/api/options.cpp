#include "mpinmf/options.hpp"

#include <fmt/format.h>

#include <array>
#include <limits>
#include <string_view>

#include "init/start_table.hpp"
#include "losses/loss_table.hpp"
#include "mpinmf/error.hpp"
#include "mpinmf/resolved_options.hpp"
#include "option_names.hpp"
#include "option_table.hpp"
#include "rules/rule.hpp"
#include "wider_fit.hpp"

namespace mpinmf {
namespace {

void require(bool good, const std::string& message) {
  if (!good) throw UsageError(message);
}

template <class V>
struct Named {
  std::string_view name;
  V value;
};
constexpr std::array<Named<Stop>, 5> stops{{{"loss", Stop::loss},
                                            {"scikit-learn-mu", Stop::scikit_learn_mu},
                                            {"scikit-learn-cd", Stop::scikit_learn_cd},
                                            {"projected-gradient", Stop::projected_gradient},
                                            {"gain", Stop::gain}}};
constexpr std::array<Named<Order>, 2> orders{{{"w-first", Order::w_first}, {"h-first", Order::h_first}}};
constexpr std::array<Named<Factor>, 2> factors{{{"w", Factor::w}, {"h", Factor::h}}};
constexpr std::array<Named<SumToOne>, 3> sums_to_one{
    {{"none", SumToOne::none}, {"w", SumToOne::w}, {"h", SumToOne::h}}};
constexpr std::array<Named<Norm>, 4> norms{
    {{"none", Norm::none}, {"l1", Norm::l1}, {"l2", Norm::l2}, {"max", Norm::max}}};

template <class V, std::size_t n>
std::vector<std::string> names_in(const std::array<Named<V>, n>& table) {
  std::vector<std::string> names;
  for (const Named<V>& known : table) names.emplace_back(known.name);
  return names;
}
template <class V, std::size_t n>
V value_named(const std::array<Named<V>, n>& table, const std::string& text, const char* what) {
  for (const Named<V>& known : table) {
    if (text == known.name) return known.value;
  }
  throw UsageError(fmt::format("unknown {} '{}': known are {}", what, text, fmt::join(names_in(table), ", ")));
}
template <class V, std::size_t n>
std::string name_in(const std::array<Named<V>, n>& table, V value) {
  for (const Named<V>& known : table) {
    if (value == known.value) return std::string(known.name);
  }
  return "";
}

/// In which an extrapolated run goes.
Order order_of(const Rule<double>& rule) {
  return rule.extrapolates == Extrapolated::h_alone ? Order::h_first : Order::w_first;
}

/// @pre one of the factors is to sum up to 1
void check_sum_to_one(const ResolvedOptions& o) {
  const bool is_poisson = facts_of(o.loss).beta == 1.0;  // W H can be scaled so afterwards, and stays a minimum
  require(!is_poisson || o.sum_to_one != SumToOne::w,
          fmt::format("--loss {} needs no --sum-to-one w: fit without it, and mpinmf topics DIR scales W and H so "
                      "(poisson2multinom): rows of topic_proportions.npy sum up to 1, and row_sizes.npy has the "
                      "sizes of V's rows",
                      o.loss.name()));
  require(!is_poisson || o.sum_to_one != SumToOne::h,
          fmt::format("--loss {} takes no --sum-to-one h: with --normalize l1 --normalize-factor h rows of H sum "
                      "up to 1, and W H stays",
                      o.loss.name()));
  require(o.rule<double>().is_exact,
          fmt::format("--sum-to-one needs --rule anls-bpp and the frobenius loss, but the rule is {}",
                      o.rule<double>().name));
  require(o.normalize == Norm::none, "--sum-to-one and --normalize exclude each other");
}

void check_combination(const ResolvedOptions& o) {
  const Rule<double>& rule = o.rule<double>();
  const LossFacts loss = facts_of(o.loss);
  require(fits(rule, loss) || !loss.is_observed,
          fmt::format("--rule {} takes every entry of V as known, and all alike: where some are missing, or have "
                      "weights, use --rule mu, or for --loss frobenius hals or ahals",
                      rule.name));
  require(fits(rule, loss), fmt::format("--rule {} minimises another loss than {}: use --loss {}, or --rule mu",
                                        rule.name, o.loss.name(), rule.losses));
  require(!o.extrapolate || rule.extrapolates != Extrapolated::nothing,
          fmt::format(
              "--rule {} cannot be extrapolated: use hals, ahals, anls-bpp, scd or mu-newton, or --extrapolate no",
              rule.name));
  require(!o.extrapolate || loss.is_solved_by_least_squares() || rule.extrapolates == Extrapolated::h_alone,
          fmt::format(
              "--rule {} is not extrapolated where entries are missing, or have weights: leave --extrapolate out",
              rule.name));
  require(!o.extrapolate || o.order == order_of(rule),
          fmt::format("extrapolation of {} moves {} first: leave --order or --extrapolate out", rule.name,
                      order_of(rule) == Order::w_first ? "W" : "H"));
  require(
      o.stop != Stop::gain || rule.predicts_gain,
      fmt::format("--stop gain needs --rule scd or mu-newton, which predict it, but the rule is {}", rule.name));
  require(!o.final_w || loss.is_solved_by_least_squares(),
          "--final-w solves for W in the frobenius loss of all of V only");
  require(o.stop != Stop::scikit_learn_cd || rule.counts_violation,
          fmt::format("--stop scikit-learn-cd counts what --rule hals meets, but the rule is {}", rule.name));
  require(o.stop != Stop::scikit_learn_cd || !o.extrapolate,
          "--stop scikit-learn-cd and extrapolation exclude each other");
  require(!o.diagonal || o.normalize != Norm::none, "--diagonal needs --normalize l1, l2 or max");
  if (o.sum_to_one != SumToOne::none) check_sum_to_one(o);
  require(o.zero_below == 0 || loss.zeroes_h,
          fmt::format("--zero-below acts as scikit-learn does, in losses of beta up to 1 (kullback-leibler, "
                      "itakura-saito): leave it out for {}",
                      o.loss.name()));
  require(!loss.is_filled || !facts_of(o.start).needs_svd,
          fmt::format("--init {} needs all entries of V: where some are missing use random", o.start.name()));
  require(o.inner_rounds == 0 || rule.takes_rounds, fmt::format("--rule {} takes no inner rounds", rule.name));
}

}  // namespace

Order parse_order(const std::string& text) {
  return value_named(orders, text, "order");
}
std::string name_of(Order order) {
  return name_in(orders, order);
}
Factor parse_factor(const std::string& text) {
  return value_named(factors, text, "factor");
}
std::string name_of(Factor factor) {
  return name_in(factors, factor);
}
SumToOne parse_sum_to_one(const std::string& text) {
  return value_named(sums_to_one, text, "factor");
}
std::string name_of(SumToOne factor) {
  return name_in(sums_to_one, factor);
}
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

std::vector<std::string> stop_names() {
  return names_in(stops);
}
std::vector<std::string> norm_names() {
  return names_in(norms);
}

void Options::check() const {
  for (const OptionRow& row : option_table()) {
    if (row.check != nullptr) row.check(*this);
  }
  constexpr Index any = std::numeric_limits<Index>::max();  // what may go together does not depend on V
  const ResolvedOptions chosen = resolve(*this, any, any);
  check_combination(chosen);
  if (merge == 0) return;
  require(start != Start::given, "--merge makes the start from a fit of more components: leave --w0 and --h0 out");
  wider_options(*this, chosen).check();
}

}  // namespace mpinmf
