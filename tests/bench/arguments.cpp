#include "arguments.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <sstream>

#include "mpinmf/options.hpp"
#include "workloads.hpp"

namespace mpinmf::bench {
namespace {

constexpr const char* description =
    "Times sweeps and iterations of mpinmf beside what this machine's matrix product and memory can do: mpirun -n "
    "2 "
    "mpinmf-bench. With --compare, two builds in alternation (started without mpirun).";
constexpr const char* footer =
    "Exit codes: 0 done, 2 usage, 3 bad data, 4 file or system, or a compared program failed.";

std::vector<std::string> workload_names() {
  std::vector<std::string> names;
  for (const Workload& workload : all_workloads()) names.push_back(workload.name);
  return names;
}

std::vector<CLI::Option*> add_measurement(CLI::App& app, Arguments& a) {
  const auto list = [&](const char* name, std::vector<std::string>& values, const std::string& help) {
    return app.add_option(name, values, help)->delimiter(',')->capture_default_str();
  };
  a.workloads = workload_names();
  return {
      list("--workloads", a.workloads, "which, separated by commas"),
      list("--loss", a.losses, "losses, separated by commas"),
      list("--precision", a.precisions, "double, float or both")->check(CLI::IsMember({"double", "float"})),
      list("--data", a.data,
           "folders with D1.npy, S1_indptr.npy, ... or newsgroups20/X_train.mtx.gz (T1); what is not there is "
           "generated"),
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
                 "what starts each of the two, words separated by blanks: --launcher 'mpirun -n 2'");
  app.add_option("--rounds", a.rounds, "runs of each of the two")->capture_default_str();
}

void check(const Arguments& a) {
  const auto require = [](bool condition, const std::string& message) {
    if (!condition) throw UsageError(message);
  };
  for (const std::string& name : a.workloads) find_workload(name);
  for (const std::string& loss : a.losses) Loss::parse(loss);
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
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    arguments.is_help = true;
    arguments.help = app.help();
    return arguments;
  } catch (const CLI::ParseError& error) {
    throw UsageError(fmt::format("{} (see mpinmf-bench --help)", error.what()));
  }
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
