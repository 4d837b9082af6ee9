// mpinmf scaling: a strong or weak scaling study. Needs no MPI itself: it starts the runs.
#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <csignal>
#include <filesystem>
#include <memory>

#include "arguments.hpp"
#include "cli/command.hpp"
#include "cli/process/output_folder.hpp"
#include "cli/solver_arguments.hpp"
#include "cli/whole_number.hpp"
#include "mpinmf/options.hpp"
#include "mpinmf/trace.hpp"
#include "report/say.hpp"
#include "report/text_file.hpp"
#include "runs.hpp"
#include "scaling/plot.hpp"
#include "scaling/table.hpp"

namespace mpinmf::cli {
namespace {

/// More than any machine has, or anyone waits for: a typing error.
constexpr int most_ranks = 1 << 24, most_repeats = 1000;
constexpr Index most_iterations = 1000000;

std::vector<scaling::ScalingRow> measure(const ScalingArguments& a, OutputFolder& folder) {
  ScalingRuns runs(a, folder);
  runs.run();
  return runs.rows();
}

void write(OutputFolder& folder, std::span<const scaling::ScalingRow> rows,
           const scaling::ScalingSummary& summary) {
  report::write_text_file(folder.partial("scaling.md"), scaling::scaling_markdown(summary));
  report::write_text_file(folder.partial("scaling.tex"), scaling::scaling_latex(summary));
  if (summary.model) report::write_text_file(folder.partial("prediction.csv"), scaling::prediction_csv(summary));
  report::write_text_file(folder.partial("scaling.csv"), scaling::scaling_csv(rows));
  folder.publish();
}

void draw(const OutputFolder& folder, const scaling::ScalingSummary& summary) {
  std::string fault = scaling::draw_scaling(summary, folder.path() + "/scaling");
  if (fault.empty()) fault = scaling::draw_scaling_phases(summary, folder.path() + "/phases");
  if (!fault.empty()) report::note(fmt::format("the pictures were not drawn: {}", fault));
}

void require_no_study(const ScalingArguments& a) {
  std::error_code ignored;
  if (a.force || a.resume || !std::filesystem::exists(std::filesystem::path(a.output) / "scaling.csv", ignored)) {
    return;
  }
  throw UsageError(fmt::format(
      "{} holds a study already (scaling.csv): go on with it by --resume, replace it by --force, or give another "
      "--output",
      a.output));
}

void study(const ScalingArguments& a) {
  require_no_study(a);
  // it will publish scaling.csv again and again
  constexpr bool replaces_own = true;
  OutputFolder folder(Comm::self(), a.output,
                      {{"scaling.csv", "scaling.md", "scaling.tex", "prediction.csv", "scaling.svg", "scaling.png",
                        "phases.svg", "phases.png"},
                       replaces_own,
                       0});
  const std::vector<scaling::ScalingRow> rows = measure(a, folder);
  const scaling::ScalingSummary summary = scaling::summarise_scaling(rows, a.predict_to);
  write(folder, rows, summary);
  draw(folder, summary);
  fmt::print("{}results: {}\n", scaling::scaling_text(summary), folder.path());
}

void run(const ScalingArguments& a) {
  try {
    study(a);
  } catch (const Interrupted& interrupted) {
    report::say("mpinmf: stopped; the same command with --resume goes on after the runs that are done\n");
    std::signal(interrupted.signal, SIG_DFL);
    std::raise(interrupted.signal);
  }
}

void add_runs(CLI::App& app, ScalingArguments& a) {
  app.add_option("--ranks", a.ranks,
                 "numbers of ranks, commas between: 1,2,4,8; default: powers of two up to this machine's cores")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->transform(whole_number<int>())
      ->check(CLI::Range(1, most_ranks));
  add_whole_number(app, "--repeats", a.repeats, "runs for each, after a short one that is not counted")
      ->check(CLI::Range(1, most_repeats))
      ->capture_default_str();
  add_whole_number(app, "--max-iterations,--iterations", a.iterations, "iterations of a run")
      ->check(CLI::Range(Index{1}, most_iterations))
      ->capture_default_str();
  add_whole_number(app, "--threads", a.threads, "threads in each rank")
      ->check(CLI::Range(1, most_threads))
      ->capture_default_str();
  app.add_option(
      "--launcher", a.launcher,
      "what starts a run, with {ranks}, {threads} and {nodes}, as 'srun -n {ranks}'; default: mpirun -n "
      "{ranks}, with --threads bound to as many cores");
  add_whole_number(app, "--ranks-per-node", a.ranks_per_node, "by which the ranks are divided to get {nodes}")
      ->check(CLI::Range(1, most_ranks));
}

}  // namespace

Command add_scaling(CLI::App& program) {
  auto arguments = std::make_shared<ScalingArguments>();
  CLI::App* app = program.add_subcommand(
      "scaling", "measure fits of V on several numbers of ranks, and predict their time on more");
  app->add_option("V", arguments->matrix, std::string(matrix_help) + "; in a weak study that of one rank")
      ->required();
  app->add_option("FIT_OPTIONS", arguments->fit_options,
                  "further options of mpinmf fit, behind --: -- --loss kullback-leibler --precision float");
  app->add_option("-k,--components,--n-components", arguments->components, "k, the number of components")
      ->transform(CLI::Validator(check_components, ""))
      ->required();
  app->add_option("--study", arguments->study,
                  "strong: one V for all; weak: a V whose rows grow with the ranks, from generate:NAME:rows=...")
      ->check(CLI::IsMember({"strong", "weak"}))
      ->capture_default_str();
  add_runs(*app, *arguments);
  add_whole_number(*app, "--predict-to", arguments->predict_to,
                   "predict the time on up to so many ranks; default: 8 times the most that were measured")
      ->check(CLI::Range(2, most_ranks));
  app->add_option("--output", arguments->output,
                  "folder for scaling.csv, the tables and the pictures; default: V's name + .scaling");
  app->add_flag("--resume", arguments->resume, "go on with the study in that folder: runs in its CSV stay");
  app->add_flag("--force", arguments->force, "replace the study in that folder");
  app->add_flag("--quiet", arguments->quiet, "no progress");
  return {app, [arguments] { prepare(*arguments); }, [arguments](const Comm&) { run(*arguments); }, false};
}

}  // namespace mpinmf::cli
