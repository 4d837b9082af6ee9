// The tables of rules, losses and starts, and what their rows say of each other.
#include <algorithm>

#include "catch.hpp"
#include "contains.hpp"
#include "init/start_table.hpp"
#include "losses/panel_loss.hpp"
#include "mpinmf/error.hpp"
#include "rules/rule.hpp"

using namespace mpinmf;

namespace {

const double betas[] = {2, 1, 0, 0.5, 1.5, 3, -1};

}  // namespace

TEST_CASE("statistics travel large ones first, and a set knows what it holds", "[tables]") {
  constexpr StatisticsSet set{Statistic::gram, Statistic::numerator};
  static_assert(set.has(Statistic::gram) && !set.has(Statistic::column_sums) && set.count() == 2);
  static_assert((set & large_statistics) == StatisticsSet{Statistic::numerator});
  static_assert((set - large_statistics) == StatisticsSet{Statistic::gram});
  static_assert(set.includes({Statistic::gram}) && !set.includes({Statistic::gram, Statistic::column_sums}));
  std::vector<Statistic> order;
  set.for_each([&](Statistic s) { order.push_back(s); });
  CHECK(order == std::vector<Statistic>{Statistic::numerator, Statistic::gram});
  CHECK(rows_of(Statistic::numerator, 30, 4) == 30);
  CHECK(rows_of(Statistic::gram, 30, 4) == 4);
  CHECK(rows_of(Statistic::column_sums, 30, 4) == 1);
}

TEST_CASE("the rule that is taken by default minimises its loss, and there is one of each", "[tables]") {
  for (const DefaultFor what : {DefaultFor::exact_half_steps, DefaultFor::least_squares, DefaultFor::any_loss,
                                DefaultFor::counts, DefaultFor::curved_losses, DefaultFor::scikit_learn}) {
    const std::vector<std::string> names = rule_names();
    CHECK(std::count_if(names.begin(), names.end(), [&](const std::string& name) {
            return find_rule<double>(name).default_for == what;
          }) == 1);
    CHECK(fits(default_rule<double>(what), facts_of(Loss{what == DefaultFor::counts          ? 1.0
                                                         : what == DefaultFor::curved_losses ? 1.5
                                                                                             : 2.0})));
  }
  CHECK(default_rule<float>(DefaultFor::exact_half_steps).is_exact);
  CHECK(default_rule<float>(DefaultFor::scikit_learn).counts_violation);
  for (const double beta : betas) CHECK(fits(default_rule<double>(DefaultFor::any_loss), facts_of({beta})));
}

TEST_CASE("a loss gathers what a rule asks for, and only rules that it suits fit", "[tables]") {
  for (const double beta : betas) {
    const LossFacts loss = facts_of({beta});
    CHECK(loss.beta == beta);
    CHECK(Loss::parse(Loss{beta}.name()) == Loss{beta});
    for (const std::string& name : rule_names()) {
      const Rule<double>& rule = find_rule<double>(name);
      INFO(name << ", beta " << beta);
      const bool is_for = name == "scd" ? beta == 1 : name == "mu-newton" ? beta > 1 && beta < 2 : beta == 2;
      CHECK(fits(rule, loss) == (name == "mu" || is_for));
      if (!fits(rule, loss)) continue;
      const StatisticsSet asked = asked_by(rule, loss.offers);
      CHECK(make_loss<double>({beta}, asked)->statistics() == asked);
      CHECK((asked & rising_parts).count() == 1);  // the gradient is known
    }
  }
}

TEST_CASE("a loss that no row names is refused by its name", "[tables]") {
  CHECK_THROWS_WITH(facts_of(Loss{.other = "absent"}), Contains("unknown loss 'absent'"));
  CHECK_THROWS_WITH(Loss::parse("absent"), Contains("frobenius (or fro, 2), kullback-leibler (KL, 1)"));
}

TEST_CASE("a start is given, stands for another one, or is made in one way", "[tables]") {
  for (const std::string& name : start_names()) {
    INFO(name);
    const Start start = parse_start(name);
    CHECK(name_of(start) == name);
    const StartRow<double>& row = row_of<double>(start);
    const bool has_law = row.fill_w != nullptr;
    CHECK(has_law == (row.fill_ht != nullptr));
    CHECK(row.facts.is_given + row.facts.is_choice + has_law + (row.make != nullptr) == 1);
    CHECK((!row.facts.needs_svd || row.make != nullptr));
  }
  CHECK_THROWS_WITH(parse_start("absent"), Contains("unknown start 'absent'") && Contains("nndsvdm"));
}
