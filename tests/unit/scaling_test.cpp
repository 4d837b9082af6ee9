// The model of a scaling study, on made-up times; its rows and tables.
#include <cmath>
#include <random>

#include "catch.hpp"
#include "contains.hpp"
#include "mpinmf/error.hpp"
#include "scaling/model.hpp"
#include "scaling/rows.hpp"
#include "scaling/study.hpp"
#include "scaling/table.hpp"

using namespace mpinmf;
using namespace mpinmf::scaling;

namespace {

constexpr double sweep = 0.8, rule = 0.01, step = 2e-6, byte = 0.5e-9;

RankLoad load(int p, double messages = 2, double bytes = 1e6) {
  return {p, 1.0 / p, 1, messages, bytes};
}

double communication(const RankLoad& load) {
  const double p = load.ranks;
  return step * load.messages * std::ceil(std::log2(p)) + byte * load.bytes * 2 * (p - 1) / p;
}

ScalingSample sample(const RankLoad& load, double factor = 1) {
  return {load, factor * sweep * load.sweep_share, factor * rule * load.rule_share, factor * communication(load)};
}

/// On some ranks, and tiny messages on 2.
std::vector<ScalingSample> study(std::initializer_list<int> ranks) {
  std::vector<ScalingSample> samples;
  for (const int p : ranks) {
    for (int repeat = 0; repeat < 3; ++repeat) samples.push_back(sample(load(p)));
  }
  ScalingSample tiny = sample(load(2, 2, 1000));
  tiny.sweep = tiny.rule = 0;
  samples.push_back(tiny);
  return samples;
}

double total(const RankLoad& load) {
  return sweep * load.sweep_share + rule * load.rule_share + communication(load);
}

/// A study of V 1024000 x 1000 with k = 20 and mu, whose times follow some law.
ScalingRow row(int ranks, double seconds_of_sweep, int repeat = 1) {
  ScalingRow r;
  r.problem = "generate:lowrank:rows=1024000,columns=1000,rank=3";
  r.options = "--rule mu";
  r.rows = 1024000;
  r.columns = 1000;
  r.components = 20;
  r.rule = "mu";
  r.ranks = ranks;
  r.repeat = repeat;
  r.iterations = 20;
  r.seconds = {seconds_of_sweep, ranks > 1 ? 1e-4 : 0, 1e-3, ranks > 1 ? 1e-4 : 0, 0};
  r.hosts = "n1 n2";
  r.mpi = "an \"MPI\", of sorts";
  const RankLoad load = load_on(r, ranks);
  r.bytes = static_cast<Index>(load.bytes);
  r.messages = static_cast<Index>(load.messages);
  return r;
}

}  // namespace

TEST_CASE("the constants of exact times are found, and their interval is a point", "[scaling]") {
  const ScalingModel model(study({1, 2, 4}));
  CHECK(model.sweep_seconds() == Approx(sweep).epsilon(1e-9));
  CHECK(model.rule_seconds() == Approx(rule).epsilon(1e-9));
  CHECK(model.step_seconds() == Approx(step).epsilon(1e-6));
  CHECK(model.byte_seconds() == Approx(byte).epsilon(1e-6));
  for (const int p : {1, 3, 64, 4096}) {
    const Prediction prediction = model.predict(load(p));
    CHECK(prediction.seconds == Approx(total(load(p))).epsilon(1e-6));
    CHECK(prediction.low == Approx(prediction.seconds).epsilon(1e-4));
    CHECK(prediction.high == Approx(prediction.seconds).epsilon(1e-4));
    CHECK(prediction.communication == Approx(p == 1 ? 0 : communication(load(p))).margin(1e-12));
  }
}

TEST_CASE("a run that was slowed down counts as one that was not", "[scaling]") {
  std::vector<ScalingSample> samples;
  for (const double factor : {1.0, 1.0, 4.0}) samples.push_back(sample(load(2), factor));
  CHECK(ScalingModel(samples).sweep_seconds() == Approx(2 * sweep));
}

TEST_CASE("a sum that costs nothing gets no negative constants", "[scaling]") {
  std::vector<ScalingSample> samples = study({1, 2, 4, 8});
  // falls with the ranks, as no sum of growing terms can
  for (ScalingSample& s : samples) s.communication = 1e-3 / s.load.ranks;
  const ScalingModel model(samples);
  CHECK(model.step_seconds() >= 0);
  CHECK(model.byte_seconds() >= 0);
  CHECK(model.predict(load(8)).communication > 0);
}

TEST_CASE("the interval covers what noisy runs take", "[scaling]") {
  std::mt19937 random(7);
  std::normal_distribution<double> noise(1, 0.05);
  constexpr int trials = 2000;
  int inside = 0, inside_of_half = 0;
  for (int trial = 0; trial < trials; ++trial) {
    std::vector<ScalingSample> samples = study({1, 2, 4});
    for (ScalingSample& s : samples) {
      s.sweep *= noise(random);
      s.rule *= noise(random);
      s.communication *= noise(random);
    }
    const RankLoad at = load(32);
    const double measured = sweep * at.sweep_share * noise(random) + rule * at.rule_share * noise(random) +
                            communication(at) * noise(random);
    const Prediction prediction = ScalingModel(samples).predict(at);
    if (prediction.low <= measured && measured <= prediction.high) ++inside;
    if (std::fabs(measured - prediction.seconds) <= (prediction.high - prediction.seconds) / 2) ++inside_of_half;
  }
  CHECK(inside >= 0.93 * trials);
  // and is not so wide that it says nothing
  CHECK(inside_of_half < 0.9 * trials);
}

TEST_CASE("what a study cannot tell makes the interval wide", "[scaling]") {
  std::vector<ScalingSample> only_two;
  for (int repeat = 0; repeat < 3; ++repeat) {
    for (const int p : {1, 2}) only_two.push_back(sample(load(p)));
  }
  // latency or bandwidth? On 1024 ranks that is a factor of 5
  const ScalingModel model(only_two);
  CHECK(model.predict(load(2)).seconds == Approx(total(load(2))).epsilon(1e-6));
  const Prediction far = model.predict(load(1024));
  CHECK(far.low <= total(load(1024)));
  CHECK(far.high >= total(load(1024)));
  CHECK(far.high - far.low > 0.5 * far.communication);

  CHECK_FALSE(ScalingModel(std::vector{sample(load(1)), sample(load(1))}).knows_communication());
  const ScalingModel one_each(std::vector{sample(load(1)), sample(load(2))});
  CHECK(std::isinf(one_each.predict(load(4)).high));
  CHECK(one_each.predict(load(4)).low == 0);
}

TEST_CASE("the ranks are found from which on communication takes half", "[scaling]") {
  const ScalingModel model(study({1, 2, 4}));
  const auto load_of = [](int p) { return load(p); };
  // where one rank does the rule for all, it takes longer than any communication here
  CHECK_FALSE(ranks_of_half_communication(model, load_of, 1 << 20).has_value());
  const auto shared = [](int p) {
    RankLoad l = load(p);
    l.rule_share = 1.0 / p;
    return l;
  };
  const auto found = ranks_of_half_communication(model, shared, 1 << 20);
  REQUIRE(found.has_value());
  CHECK(2 * communication(shared(*found)) >= total(shared(*found)));
  CHECK(2 * communication(shared(*found - 1)) < total(shared(*found - 1)));
  CHECK_FALSE(ranks_of_half_communication(model, shared, *found - 1).has_value());
  // also where it takes less than half again for many more ranks
  const auto bump = [&](int p) { return p > 4 * *found ? load(p) : shared(p); };
  CHECK(ranks_of_half_communication(model, bump, 1 << 20) == found);
  CHECK_FALSE(ranks_of_half_communication(model, shared, 1).has_value());
}

TEST_CASE("rows survive their file, and a damaged file is named with its line", "[scaling]") {
  const std::vector<ScalingRow> rows = {row(1, 0.8), row(2, 0.41), row(2, 0.40, 2)};
  const std::string csv = scaling_csv(rows);
  const std::vector<ScalingRow> back = parse_scaling_csv(csv, "scaling.csv");
  REQUIRE(back.size() == rows.size());
  CHECK(back[0].mpi == rows[0].mpi);
  CHECK(back[0].problem == rows[0].problem);
  CHECK(back[2].seconds.total() == rows[2].seconds.total());
  CHECK(scaling_csv(back) == csv);

  const std::string line = csv.substr(0, csv.find('\n') + 1);
  CHECK_THROWS_WITH(parse_scaling_csv(line + "strong,1,2\n", "x.csv"), Contains("x.csv, line 2"));
  CHECK_THROWS_WITH(parse_scaling_csv("a,b\n", "x.csv"), Contains("x.csv, line 1"));
}

TEST_CASE("phases of a run add up to the time of an iteration", "[scaling]") {
  // two ranks, 10 iterations of 1 s: sweeps of .5 and .7 s, sums of .3 and .1, the rule on one of .1, broadcast
  const ScalingRow r = parse_scaling_run(
      R"({"versions": {"mpinmf": "1", "mpi": "m", "blas": "b", "vectors": "v"},
          "input": {"rows": 40, "columns": 30}, "ranks": 2, "threads_per_rank": {"min": 1, "max": 2},
          "options": {"components": 3, "beta": 2, "rule": "mu", "extrapolate": false, "precision": "float"},
          "ranks_on_hosts": {"a": 1, "b": 1}, "iterations": 10,
          "communication": {"bytes_per_iteration": 100, "messages_per_iteration": 2},
          "seconds": {"sweep": {"min": 5, "mean": 6, "max": 7}, "sum": {"min": 1, "mean": 2, "max": 3},
                      "rule": {"min": 0, "mean": 0.5, "max": 1}, "broadcast": {"min": 1, "mean": 1.5, "max": 2}}})",
      "run.json");
  CHECK(r.seconds.total() == Approx(1));
  CHECK(r.seconds.sweep == Approx(0.6));
  CHECK(r.seconds.waiting == Approx(0.1));
  CHECK(r.seconds.sum == Approx(0.1));
  CHECK(r.seconds.rule == Approx(0.1));
  CHECK(r.seconds.broadcast == Approx(0.1));
  CHECK(r.threads == 2);
  CHECK(r.nodes == 2);
  CHECK(r.hosts == "a b");
  CHECK_THROWS_WITH(parse_scaling_run("{}", "here/run.json"), Contains("here/run.json"));
}

TEST_CASE("speed-up and efficiency follow from medians", "[scaling]") {
  // medians 0.8 and 0.5 + what is beside the sweep
  const std::vector<ScalingRow> rows = {row(1, 0.8), row(1, 0.7, 2), row(1, 5, 3), row(4, 0.3), row(4, 0.2, 2)};
  const ScalingSummary strong = summarise_scaling(rows, 0);
  REQUIRE(strong.measured().size() == 2);
  const double one = 0.8 + 1e-3, four = 0.2 + 1e-3 + 2e-4;
  CHECK(strong.points[1].speed_up == Approx(one / four));
  CHECK(strong.points[1].efficiency == Approx(one / four / 4));
  CHECK(strong.predicted_to == 32);
  CHECK(strong.points.back().ranks == 32);
  CHECK_FALSE(strong.points.back().is_extrapolated);

  std::vector<ScalingRow> weak_rows = {row(1, 0.8), row(4, 0.9)};
  for (ScalingRow& r : weak_rows) {
    r.study = ScalingStudy::weak;
    r.rows *= r.ranks;
  }
  const ScalingSummary weak = summarise_scaling(weak_rows, 4096);
  CHECK(weak.points[1].efficiency == Approx(one / (0.9 + 1e-3 + 2e-4)));
  CHECK(weak.points[1].speed_up == Approx(4 * weak.points[1].efficiency));
  // as many rows a rank, however many ranks
  CHECK(load_on(weak_rows[0], 4).sweep_share == Approx(1).epsilon(0.01));
  CHECK(load_on(weak_rows[0], 4096).sweep_share == Approx(1).epsilon(0.01));
  CHECK(weak.points.back().ranks == 4096);
  CHECK(weak.points.back().is_extrapolated);
  CHECK_THAT(scaling_text(weak), Contains("EXTRAPOLATED"));
  CHECK_THAT(scaling_text(strong), !Contains("EXTRAPOLATED"));
}

TEST_CASE("more ranks than row panels have nothing to do", "[scaling]") {
  const ScalingRow r = row(1, 0.8);
  CHECK(load_on(r, 1).sweep_share == Approx(1));
  CHECK(load_on(r, 2).sweep_share == Approx(0.5).epsilon(0.01));
  CHECK(load_on(r, 1 << 20).sweep_share == load_on(r, 1 << 21).sweep_share);
  CHECK(load_on(r, 1).messages == 0);
  CHECK(load_on(r, 2).messages == 2);
}

TEST_CASE("tables of all three kinds hold the same numbers", "[scaling]") {
  const TextTable table = {"100 % of a_b", {"ranks", "seconds"}, {{"1", "0.25"}, {"16", "1|2"}}};
  CHECK(plain_text(table) == "100 % of a_b\n  ranks  seconds\n      1     0.25\n     16      1|2\n");
  CHECK(markdown(table) == "100 % of a_b\n\n| ranks | seconds |\n| ---: | ---: |\n| 1 | 0.25 |\n| 16 | 1\\|2 |\n");
  CHECK(latex(table) ==
        "\\begin{table}\n\\centering\n\\caption{100 \\% of a\\_b}\n\\begin{tabular}{rr}\n\\hline\n"
        "ranks & seconds \\\\\n\\hline\n1 & 0.25 \\\\\n16 & 1|2 \\\\\n\\hline\n\\end{tabular}\n\\end{table}\n");
}
