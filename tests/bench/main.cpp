// mpinmf-bench: seconds of sweeps and iterations beside what the machine can do in the same run, and the rules
// against each other.
#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <new>
#include <optional>

#include "arguments.hpp"
#include "cli/process/launcher.hpp"
#include "cli/warnings.hpp"
#include "compare.hpp"
#include "convergence.hpp"
#include "kernels/blas.hpp"
#include "kernels/blas_kernel.hpp"
#include "machine/threads.hpp"
#include "pipeline.hpp"
#include "report.hpp"
#include "report/say.hpp"
#include "report/text_file.hpp"
#include "rule_cost.hpp"

namespace mpinmf::bench {
namespace {

int code_of(ExitCode code) {
  return static_cast<int>(code);
}

void print_fault(const std::string& message) {
  report::say(fmt::format("mpinmf-bench: {}\n", message));
}

/// For a fault that every rank finds before MPI starts: one message. The ranks meet in MPI before they leave, or
/// the launcher would end the one that still prints.
int leave_before_mpi(int argc, char** argv, const Error& error) {
  const int code = code_of(error.exit_code());
  if (cli::launched_tasks() <= 1) {
    print_fault(error.what());
    return code;
  }
  try {
    const Session session(argc, argv);
    if (session.comm().is_root()) print_fault(error.what());
    session.comm().wait_for_all();
  } catch (const std::exception&) {
    if (cli::launched_rank() == 0) print_fault(error.what());
  }
  return code;
}

int leave_with_fault(const Session& session, const std::string& message, ExitCode code, bool met) {
  const Comm& comm = session.comm();
  if (!met && comm.size() > 1) {
    print_fault(fmt::format("{} (rank {} on {})", message, comm.rank(), host_name()));
    session.abort(code);
  }
  if (comm.is_root()) print_fault(message);
  comm.wait_for_all();
  return code_of(code);
}

/// Before minutes of work, what the folders that were named make impossible.
void check_folders(const Arguments& arguments) {
  const auto require_folder = [](const std::filesystem::path& folder, const char* option) {
    if (std::filesystem::is_directory(folder)) return;
    throw SystemError(fmt::format("{}: is not a folder, for {}", folder.string(), option));
  };
  const auto require_place = [&](const std::string& path, const char* option) {
    if (!path.empty()) require_folder(std::filesystem::absolute(path).parent_path(), option);
  };
  for (const std::string& folder : arguments.data) require_folder(folder, "--data");
  require_place(arguments.json, "--json");
  require_place(arguments.csv, "--csv");
  require_place(arguments.plot, "--plot");
}

void show(const Comm& comm, const std::string& text) {
  if (!comm.is_root()) return;
  fmt::print("{}", text);
  std::fflush(stdout);
}

/// On the root, unless no path was given.
void write(const Comm& comm, const std::string& path, const std::function<std::string()>& text) {
  comm.meet_on_root([&] {
    if (!path.empty()) report::write_text_file(path, text());
  });
}

void measure_sweeps(const Comm& comm, const Arguments& arguments, int threads) {
  const Setting setting{comm.size(), threads, comm.gather(host_name()),
                        measure_machine(comm, threads, arguments.effort.seconds)};
  show(comm, heading(setting) + table_head());
  std::vector<CaseResult> results;
  run_cases(comm, arguments, setting.machine, threads, [&](const CaseResult& result) {
    show(comm, table_line(result, setting.machine));
    results.push_back(result);
  });
  write(comm, arguments.json, [&] { return bench_json(arguments, setting, results); });
}

void measure_convergence(const Comm& comm, const Arguments& arguments, int threads) {
  show(comm, short_heading(comm.size(), threads) +
                 (arguments.processor_time ? "seconds: of rank 0's processor\n\n" : "seconds: wall time\n\n"));
  std::vector<Race> races;
  const auto take = [&](const Race& race) {
    show(comm, race_table(race));
    races.push_back(race);
    if (!comm.is_root() || arguments.plot.empty()) return;
    const std::string fault = draw_race(race, arguments.plot);
    if (!fault.empty()) print_fault(fmt::format("{}: no picture was drawn: {}", race.name, fault));
  };
  run_races(comm, arguments, threads, take, [&](const std::string& line) { show(comm, line); });
  write(comm, arguments.csv, [&] { return races_csv(races); });
}

void measure_rules(const Comm& comm, const Arguments& arguments, int threads) {
  show(comm, short_heading(comm.size(), threads) + "\n" + rule_cost_head());
  std::vector<RuleCost> costs;
  measure_rule_costs(comm, arguments, threads, [&](const RuleCost& cost) {
    show(comm, rule_cost_line(cost));
    costs.push_back(cost);
  });
  write(comm, arguments.csv, [&] { return rule_cost_csv(costs); });
}

void measure_chunks(const Comm& comm, const Arguments& arguments, int threads) {
  show(comm, short_heading(comm.size(), threads) + "\n" + pipeline_head());
  std::vector<PipelineCase> cases;
  measure_pipeline(comm, arguments, threads, [&](const std::vector<PipelineCase>& of_shape) {
    show(comm, pipeline_lines(of_shape));
    cases.insert(cases.end(), of_shape.begin(), of_shape.end());
  });
  write(comm, arguments.csv, [&] { return pipeline_csv(cases, comm.size()); });
}

void measure(const Comm& comm, const Arguments& arguments) {
  comm.meet_on_root([&] { check_folders(arguments); });
  use_one_blas_thread();
  Options options;
  options.threads = arguments.threads;
  const ThreadPlan plan = threads_for(comm, options.threads);
  cli::warn_of_placement(comm, plan, false);
  if (arguments.convergence) return measure_convergence(comm, arguments, plan.threads);
  if (arguments.rule_cost) return measure_rules(comm, arguments, plan.threads);
  if (arguments.pipeline) return measure_chunks(comm, arguments, plan.threads);
  measure_sweeps(comm, arguments, plan.threads);
}

int measure_under_mpi(int argc, char** argv, const Arguments& arguments) {
  const Session session(argc, argv);
  try {
    cli::check_launcher(session.comm());
    measure(session.comm(), arguments);
    return code_of(ExitCode::done);
  } catch (const Error& error) {
    return leave_with_fault(session, error.what(), error.exit_code(), error.has_met());
  } catch (const std::bad_alloc&) {
    return leave_with_fault(session, "out of memory; take a smaller --scale", ExitCode::system, false);
  } catch (const std::exception& error) {
    return leave_with_fault(session, error.what(), ExitCode::system, false);
  }
}

/// Starts the program anew where OpenBLAS, which reads the name of its kernel when it is loaded, took one for
/// older processors, unless that was asked for: the limit is what the machine can do. What it is, the heading
/// says.
void start_with_fast_blas(char** argv) {
  constexpr const char* variable = "OPENBLAS_CORETYPE";
  const char* asked = std::getenv(variable);
  if (asked != nullptr && *asked != '\0') return;
  const std::optional<SlowBlas> slow = slow_blas(vector_level());
  if (!slow || slow->better.empty()) return;
  ::setenv(variable, slow->better.c_str(), 1);
  ::execv("/proc/self/exe", argv);  // comes back only when it fails: then a warning is all there is
}

int run(int argc, char** argv) {
  try {
    const Arguments arguments = parse_arguments(argc, argv);
    if (arguments.is_help) {
      if (cli::launched_rank() == 0) fmt::print("{}", arguments.help);
      return code_of(ExitCode::done);
    }
    start_with_fast_blas(argv);
    if (arguments.other.empty()) return measure_under_mpi(argc, argv, arguments);
    compare(arguments);
    return code_of(ExitCode::done);
  } catch (const Error& error) {
    return leave_before_mpi(argc, argv, error);
  } catch (const std::exception& error) {
    return leave_before_mpi(argc, argv, SystemError(error.what()));
  }
}

}  // namespace
}  // namespace mpinmf::bench

int main(int argc, char** argv) {
  return mpinmf::bench::run(argc, argv);
}
