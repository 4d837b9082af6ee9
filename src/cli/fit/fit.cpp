// mpinmf fit: learns W and H.
#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <charconv>
#include <cmath>
#include <filesystem>
#include <memory>
#include <optional>

#include "checkpoints.hpp"
#include "cli/command.hpp"
#include "cli/component_list.hpp"
#include "cli/process/run_lock.hpp"
#include "cli/whole_number.hpp"
#include "data.hpp"
#include "identity.hpp"
#include "one_fit.hpp"
#include "report/counted.hpp"
#include "report/finished_run.hpp"
#include "report/plot.hpp"
#include "report/say.hpp"
#include "report/text_file.hpp"
#include "report/trace_csv.hpp"
#include "series.hpp"

namespace mpinmf::cli {
namespace {

/// More restarts than this are a typing error.
constexpr Index most_restarts = 10000;

void draw(const Comm& comm, const FitArguments& a, const std::string& folder, const std::vector<TraceRow>& trace) {
  if (!comm.is_root()) return;
  const report::Curve curve = {name_of_matrix(a.input.path), trace};
  const std::string fault = report::draw_costs({&curve, 1}, folder + "/cost");
  if (!fault.empty() && a.talks(comm))
    report::note(fmt::format("cost.svg and cost.png were not drawn: {}", fault));
}

template <class T>
void summarise(const FitArguments& a, const FitData<T>& data, const Nmf<T>& model, double seconds) {
  const Cost& cost = model.cost();
  fmt::print("{}", data_line(data.v, fmt::format("k = {}", a.options.components), model.threads()));
  fmt::print("{} in {:.3g} s (stopped by {})\n", report::counted(model.iterations(), "iteration"), seconds,
             to_string(model.stop_reason()));
  fmt::print("loss ({}): {:.12g}\n", a.options.loss.name(), cost.loss);
  fmt::print("reconstruction error: {:.12g}\n", cost.reconstruction_error);
  if (!std::isnan(cost.relative_error)) fmt::print("relative error: {:.6g}\n", cost.relative_error);
}

/// A run that was killed when its results were complete has left its lock, and perhaps no picture. Collective.
void complete_after_kill(const Comm& comm, const FitArguments& a) {
  double is_locked = 0;
  if (comm.is_root()) is_locked = std::filesystem::exists(lock_path(a.output)) ? 1 : 0;
  comm.broadcast_value(is_locked);
  if (is_locked == 0) return;
  OutputFolder::Results results;
  results.resumes = true;
  const OutputFolder folder(comm, a.output, results);
  comm.meet_on_root([&] {
    const std::string trace = a.output + "/trace.csv";
    draw(comm, a, a.output, report::parse_trace_csv(report::read_text_file(trace), trace));
  });
}

/// Its parts in the order in which they run. Collective.
template <class T>
void run_one(const Comm& comm, const FitArguments& a, const MatrixHeader& header) {
  const auto begin = FitClock::now();
  RunLimits limits(comm, a);
  Nmf<T> model(a.options);
  const std::string hint = check_before_reading<T>(comm, a, header);
  io::Facts fit = fit_identity(a, a.options, header, sizeof(T) == 4);
  if (a.checkpoint.wanted) append(fit, start_identity(comm, a.solver));
  const auto earlier = earlier_run(comm, a, a.output, fit);
  const Options chosen = a.options.with_choices(header.rows, header.columns);
  if (earlier && report::is_finished(*earlier, chosen, a.writes_w())) {
    complete_after_kill(comm, a);
    if (a.talks(comm)) {
      fmt::print("finished already, after {} (stopped by {})\nresults: {}\n",
                 report::counted(earlier->row.iterations, "iteration"), earlier->row.stop_reason, a.output);
    }
    return;
  }
  std::optional<OutputFolder> folder;
  OutputFolder::Results results = fit_results<T>(a, header, a.options.components, a.writes_w());
  if (earlier) results.force = true;  // they are those of fewer iterations
  if (a.writes()) folder.emplace(comm, a.output, results);
  const FitData<T> data = read_data<T>(comm, a, hint);
  Warnings warnings(comm, a.quiet);
  FitCheckpoints<T> checkpoints(a, data.v, limits, a.checkpoint.wanted ? a.checkpoint_folder() : "", warnings);
  if (a.checkpoint.wanted) append(fit, data_identity(data.v));
  checkpoints.open(fit);
  fit_model(a, data.v, checkpoints, model, warnings);
  const bool is_stopped = model.stop_reason() == StopReason::request;
  if (is_stopped && a.checkpoint.wanted) checkpoints.leave(model.iterations());
  if (folder) {
    const auto write_begin = FitClock::now();
    report::RunFacts facts = fit_facts(a, data, model, warnings);
    checkpoints.describe(facts);
    facts.written = write_factors(comm, *folder, model, a.writes_w());
    facts.write_seconds = seconds_since(write_begin);
    facts.total_seconds = seconds_since(begin);
    publish_fit(comm, *folder, facts);
    draw(comm, a, folder->path(), model.trace());
  }
  if (a.talks(comm)) {
    summarise(a, data, model, seconds_since(begin));
    if (folder) fmt::print("results: {}\n", folder->path());
    std::fflush(stdout);  // before what may follow on standard error
  }
  if (is_stopped) checkpoints.leave(model.iterations());
}

/// Restarts make sense only where the start depends on the seed.
void prepare_series(FitArguments& a) {
  SolverArguments& s = a.solver;
  if (!s.w0.empty() || !s.h0.empty() || s.init == "files" || s.init == "custom") {
    throw UsageError(
        "a start from files (--w0, --h0) is one start of one size: fit one k without --restarts, or "
        "leave it out");
  }
  if (a.restarts == 1) return;
  if (s.init == "auto") s.init = "random";
  if (s.init == "nndsvd" || s.init == "nndsvda" || s.init == "nndsvdm" || s.init == "scikit-learn") {
    throw UsageError(
        fmt::format("--init {} is the same start for every seed: take --init random (or uniform, numpy or "
                    "nndsvdar), or leave --restarts out",
                    s.init));
  }
}

/// --max-seconds, and how often checkpoints are written.
void prepare_limits(FitArguments& a) {
  a.stops_before_job_ends = a.max_seconds_text == "job";
  if (!a.stops_before_job_ends && !a.max_seconds_text.empty()) {
    const char* const end = a.max_seconds_text.data() + a.max_seconds_text.size();
    const auto [rest, error] = std::from_chars(a.max_seconds_text.data(), end, a.solver.max_seconds);
    if (error != std::errc() || rest != end) {
      throw UsageError(fmt::format("--max-seconds is a number of seconds, or job, not {}", a.max_seconds_text));
    }
  }
  CheckpointArguments& c = a.checkpoint;
  c.every = Interval::parse(c.every_text);
  if (c.keep < 1) throw UsageError(fmt::format("--checkpoint-keep must be at least 1, not {}", c.keep));
  if (c.wanted && c.folder.empty() && !a.writes()) {
    throw UsageError("--checkpoint needs a folder where --output is none");
  }
}

bool is_same_folder(const std::string& a, const std::string& b) {
  namespace fs = std::filesystem;
  const auto whole = [](const std::string& path) {
    std::error_code ignored;
    return fs::weakly_canonical(fs::absolute(fs::path(path) / "", ignored), ignored);  // both end with a slash
  };
  return whole(a) == whole(b);
}

void prepare(FitArguments& a) {
  a.components = parse_components(a.components_text);
  a.solver.components = a.components.front();
  if (a.restarts < 1 || a.restarts > most_restarts) {
    throw UsageError(fmt::format("--restarts must be from 1 to {}, not {}", most_restarts, a.restarts));
  }
  if (a.is_series()) prepare_series(a);
  prepare_limits(a);
  a.options = to_options(a.solver, true);
  for (const Index k : a.components) {
    Options of_k = a.options;
    of_k.components = k;
    of_k.check();
  }
  if (a.write == "h,w") a.write = "w,h";
  if (a.write != "h" && a.write != "w,h") throw UsageError(fmt::format("--write is h or w,h, not {}", a.write));
  if (a.input.path.empty()) throw UsageError("V is empty: name a matrix");
  if (a.output.empty()) a.output = name_of_matrix(a.input.path) + ".nmf";
  if (a.checkpoint.wanted && a.writes() && is_same_folder(a.checkpoint_folder(), a.output)) {
    throw UsageError(
        fmt::format("--checkpoint {} is the output folder: leave its name out for {}/checkpoint, or "
                    "name another",
                    a.checkpoint.folder, a.output));
  }
}

void run(const Comm& comm, const FitArguments& a) {
  const MatrixHeader header = load_header(comm, a.input.path, load_options(a.input, a.most_components()));
  with_precision(single_precision(a.input, header), [&](auto element) {
    using T = decltype(element);
    a.is_series() ? run_series<T>(comm, a, header) : run_one<T>(comm, a, header);
  });
}

/// For the option parser: what is wrong with -k, or nothing.
std::string check_component_list(const std::string& text) {
  try {
    parse_components(text);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

void add_output(CLI::App& app, FitArguments& a) {
  app.add_option(
      "--output", a.output,
      "folder for W.npy, H.npy, trace.csv, run.json and the picture, or none; default: V's name + .nmf");
  app.add_option("--write", a.write, "which factors to write: h, or w,h for both")->capture_default_str();
  app.add_flag("--force", a.force, "replace the results that the output folder holds");
  app.add_flag("--quiet", a.quiet, "no progress, no notes, no summary");
}

void add_checkpoint(CLI::App& app, CheckpointArguments& a) {
  CLI::Option* const wanted =
      app.add_option("--checkpoint", a.folder,
                     "keep the state of the fit in this folder, so that --resume can go on whatever ends the run; "
                     "without a folder: checkpoint in the output folder")
          ->expected(0, 1);
  app.add_option("--checkpoint-every", a.every_text, "how often: 90s, 10min, 2h, or a number of iterations")
      ->needs(wanted)
      ->capture_default_str();
  add_whole_number(app, "--checkpoint-keep", a.keep, "how many of the newest to keep")
      ->needs(wanted)
      ->capture_default_str();
  app.add_flag("--resume", a.resume,
               "go on from the newest checkpoint; without one start afresh, after a finished run do nothing. One "
               "command line serves the first run and all that follow")
      ->needs(wanted);
}

}  // namespace

Command add_fit(CLI::App& program) {
  auto arguments = std::make_shared<FitArguments>();
  CLI::App* app = program.add_subcommand("fit", "factorize V (m x n) into W (m x k) times H (k x n)");
  add_input(*app, arguments->input);
  app->add_option(
         "--add", arguments->input.add,
         "add this constant to every entry of V, which makes a sparse V dense (itakura-saito with zeros needs it)")
      ->capture_default_str();
  app->add_option(
         "-k,--components,--n-components", arguments->components_text,
         "k, the number of components; or several, to compare: 5,10,20 or first:last:step, as 5:20:5. Each "
         "fit then has its folder k5/seed0 and so on in the output folder, with W for the best seed of "
         "each k alone, and summary.csv and its picture compare them")
      ->check(check_component_list)
      ->required();
  add_whole_number(*app, "--restarts", arguments->restarts,
                   "fit each k from so many random starts: --seed, the seed after it and so on")
      ->capture_default_str();
  add_model(*app, arguments->solver);
  add_iterations(*app, arguments->solver);
  app->add_option(
      "--max-seconds", arguments->max_seconds_text,
      "stop after so many seconds since the start of the program; job: in time before the Slurm job ends, "
      "as by a signal (exit code 75); default: no limit");
  add_checkpoint(*app, arguments->checkpoint);
  add_output(*app, *arguments);
  const auto check = [app, arguments] {
    arguments->checkpoint.wanted = app->count("--checkpoint") > 0;
    prepare(*arguments);
  };
  return {app, check, [arguments](const Comm& comm) { run(comm, *arguments); }};
}

}  // namespace mpinmf::cli
