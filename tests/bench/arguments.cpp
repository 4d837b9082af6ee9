#include "arguments.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>

#include "mpinmf/options.hpp"
#include "mpinmf/trace.hpp"
#include "race_sets.hpp"
#include "rule_variant.hpp"
#include "workloads.hpp"

namespace mpinmf::bench {
namespace {

constexpr const char* description =
    "Times sweeps and iterations of mpinmf beside what this machine's matrix product and memory can do: mpirun -n "
    "2 "
    "mpinmf-bench. With --compare, two builds in alternation (started without mpirun). With --convergence or "
    "--rule-cost, the rules against each other. With --pipeline, the ways to add up the sums of H.";
constexpr const char* footer =
    "Exit codes: 0 done, 2 usage, 3 bad data, 4 file or system, or a compared program failed.";

std::vector<std::string> usual_workloads() {
  std::vector<std::string> names;
  for (const Workload& workload : all_workloads()) {
    if (workload.is_usual) names.push_back(workload.name);
  }
  return names;
}

std::vector<CLI::Option*> add_measurement(CLI::App& app, Arguments& a) {
  const auto list = [&](const char* name, std::vector<std::string>& values, const std::string& help) {
    return app.add_option(name, values, help)->delimiter(',')->capture_default_str();
  };
  a.workloads = usual_workloads();
  return {
      list("--workloads", a.workloads,
           "which, separated by commas; with --rule-cost D1,S1,T1, with --convergence " +
               fmt::format("{} for frobenius and {} for other losses unless given; it also knows R1,R2,R3",
                           fmt::join(usual_race_names({}), ","), fmt::join(usual_race_names({.beta = 1}), ","))),
      list("--loss", a.losses, "losses, separated by commas"),
      list("--precision", a.precisions, "double, float or both")->check(CLI::IsMember({"double", "float"})),
      list("--data", a.data,
           "folders with D1.npy, S1_indptr.npy, ... or newsgroups20/X_train.mtx.gz (T1); what is not there is "
           "generated, or skipped where it is real data"),
      app.add_option("--scale", a.scale, "rows, as a share of the full size (0 to 1]")->capture_default_str(),
      app.add_option("--threads", a.threads, "threads in a rank; 0: as many as mpinmf would take")
          ->capture_default_str(),
      app.add_option("--repeats", a.effort.repeats, "runs of each measurement; 0: as --seconds allows")
          ->capture_default_str(),
      app.add_option("--seconds", a.effort.seconds,
                     "for each measurement, but at least 5 runs; for those of the machine at most 0.4")
          ->capture_default_str(),
  };
}

void add_comparison(CLI::App& app, Arguments& a) {
  app.add_option("--json", a.json, "writes every number there");
  app.add_option("--compare", a.other, "another mpinmf-bench; both are run in turn, with the options above");
  app.add_option("--launcher", a.launcher,
                 "what starts each of the two, as a shell reads it: --launcher 'mpirun -n 2'");
  app.add_option("--rounds", a.rounds, "runs of each of the two")->capture_default_str();
}

/// Instead of sweeps: what rules need.
void add_rules(CLI::App& app, Arguments& a) {
  app.add_flag(
      "--convergence", a.convergence,
      "seconds and iterations of each rule until it is within 5 %, 1 % and 0.1 % of the best error (for other "
      "losses "
      "than frobenius 1 % and 0.1 % of the loss) that any of them finds from the same start; double, one --loss");
  app.add_flag("--rule-cost", a.rule_cost,
               "what each rule costs in an iteration beside the sweep; double, Frobenius");
  app.add_flag("--pipeline", a.pipeline,
               "seconds of an iteration with H's sums in one message and in chunks; double, hals");
  app.add_option("--features", a.features, "columns of H for --pipeline, separated by commas")
      ->delimiter(',')
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--components", a.components, "rows of H for --pipeline, separated by commas")
      ->delimiter(',')
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  app.add_option("--rules", a.rules,
                 "which, separated by commas, +e: extrapolated (hals,ahals+e); all unless given")
      ->delimiter(',');
  app.add_option("--target", a.target,
                 "one of the rules: --convergence holds all against its best error in place of that of any, where "
                 "rules end in different minima");
  app.add_option("--reach", a.reach,
                 "one of the rules: --convergence also says when each is down where that one ends; mu, where it "
                 "races, unless the loss is frobenius");
  app.add_option("--starts", a.starts, "random starts, seeds from 0")->capture_default_str();
  app.add_option("--start-mu", a.start_mu, "iterations of mu that move each start of --convergence first")
      ->capture_default_str();
  app.add_option(
         "--stalled", a.stalled,
         "a run of --convergence ends when the loss falls by less than this share in ten iterations; 0: at "
         "--iterations or --seconds-per-run only")
      ->capture_default_str();
  app.add_option("--seconds-per-run", a.seconds_per_run, "after which a run ends")->capture_default_str();
  app.add_option("--iterations", a.iterations, "after which a run ends")->capture_default_str();
  app.add_flag("--processor-time", a.processor_time,
               "--convergence counts processor seconds of rank 0, for machines that others use too");
  app.add_option("--csv", a.csv, "writes the numbers of --convergence or --rule-cost there");
  app.add_option("--plot", a.plot, "draws STEM-WORKLOAD.svg and .png of --convergence (needs gnuplot)");
}

/// What --convergence takes where nothing is said.
void choose_races(Arguments& a, bool takes_usual) {
  const Loss loss = Loss::parse(a.losses.front());
  if (takes_usual) a.workloads = usual_race_names(loss);
  const bool has_mu = a.rules.empty() || std::find(a.rules.begin(), a.rules.end(), "mu") != a.rules.end();
  if (a.reach.empty() && has_mu && !(loss == Loss())) a.reach = "mu";
}

void require(bool condition, const std::string& message) {
  if (!condition) throw UsageError(message);
}

std::vector<RuleVariant> chosen_variants(const Arguments& a) {
  return find_variants(a.convergence ? all_runners(Loss::parse(a.losses.front())) : all_rules({}), a.rules);
}

void check_rules(const Arguments& a) {
  std::vector<std::string> names;
  for (const RuleVariant& variant : chosen_variants(a)) names.push_back(variant.name());
  const auto races = [&](const std::string& name) {
    return a.convergence && std::find(names.begin(), names.end(), name) != names.end();
  };
  require(a.target.empty() || races(a.target), "--target needs --convergence, and must be one of --rules");
  require(a.reach.empty() || races(a.reach), "--reach needs --convergence, and must be one of --rules");
  require(a.convergence + a.rule_cost + a.pipeline <= 1,
          "--convergence, --rule-cost and --pipeline exclude each other");
  require(!a.convergence || a.losses.size() == 1, "--convergence takes one --loss");
  const bool is_about_rules = a.convergence || a.rule_cost;
  require(!(is_about_rules || a.pipeline) || (a.other.empty() && a.json.empty()),
          "--compare and --json are for sweeps: not with --convergence, --rule-cost or --pipeline");
  require(is_about_rules || a.rules.empty(), "--rules need --convergence or --rule-cost");
  require(is_about_rules || a.pipeline || a.csv.empty(), "--csv needs --convergence, --rule-cost or --pipeline");
  require(a.convergence || (a.plot.empty() && !a.processor_time),
          "--plot and --processor-time need --convergence");
  require(a.starts >= 1 && a.starts <= 1000, fmt::format("--starts must be from 1 to 1000, not {}", a.starts));
  require(a.start_mu >= 0, fmt::format("--start-mu must not be below 0, as {} is", a.start_mu));
  require(a.stalled >= 0 && a.stalled < 1, fmt::format("--stalled must be from 0 to below 1, not {}", a.stalled));
  require(a.seconds_per_run > 0, fmt::format("--seconds-per-run must be above 0, not {}", a.seconds_per_run));
  require(a.iterations >= 1, fmt::format("--iterations must be at least 1, not {}", a.iterations));
}

void check_workloads(const Arguments& a) {
  const std::vector<std::string> races = race_names();
  for (const std::string& name : a.workloads) {
    if (!a.convergence) {
      find_workload(name);
      continue;
    }
    require(std::find(races.begin(), races.end(), name) != races.end(),
            fmt::format("'{}' is nothing that --convergence knows: {}", name, fmt::join(races, ", ")));
  }
}

void check(const Arguments& a) {
  check_workloads(a);
  check_rules(a);
  require(a.scale > 0 && a.scale <= 1, fmt::format("--scale must be above 0 and at most 1, not {}", a.scale));
  require(a.threads >= 0 && a.threads <= most_threads,
          fmt::format("--threads must be from 0 to {}, not {}", most_threads, a.threads));
  require(a.effort.repeats >= 0 && a.effort.repeats <= Effort::most_repeats,
          fmt::format("--repeats must be from 0 to {}, not {}", Effort::most_repeats, a.effort.repeats));
  require(a.effort.seconds > 0 && a.effort.seconds <= 3600,
          fmt::format("--seconds must be above 0 and at most 3600, not {}", a.effort.seconds));
  require(a.rounds >= 1 && a.rounds <= 1000, fmt::format("--rounds must be from 1 to 1000, not {}", a.rounds));
}

}  // namespace

Arguments parse_arguments(int argc, char** argv) {
  Arguments arguments;
  CLI::App app(description, "mpinmf-bench");
  app.footer(footer);
  const std::vector<CLI::Option*> measurement = add_measurement(app, arguments);
  add_comparison(app, arguments);
  add_rules(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    arguments.is_help = true;
    arguments.help = app.help();
    return arguments;
  } catch (const CLI::ParseError& error) {
    throw UsageError(fmt::format("{} (see mpinmf-bench --help)", error.what()));
  }
  for (const std::string& loss : arguments.losses) Loss::parse(loss);
  if (arguments.convergence) choose_races(arguments, app.count("--workloads") == 0);
  if (app.count("--workloads") == 0 && arguments.rule_cost) arguments.workloads = {"D1", "S1", "T1"};
  check(arguments);
  if (arguments.other.empty() && (app.count("--launcher") > 0 || app.count("--rounds") > 0)) {
    throw UsageError("--launcher and --rounds need --compare OTHER_MPINMF_BENCH");
  }
  for (const CLI::Option* option : measurement) {
    if (option->count() == 0) continue;
    arguments.passed_on.push_back("--" + option->get_lnames().front());
    arguments.passed_on.push_back(fmt::format("{}", fmt::join(option->results(), ",")));
  }
  return arguments;
}

}  // namespace mpinmf::bench
