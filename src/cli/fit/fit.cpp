// mpinmf fit: learns W and H.
#include "fit.hpp"

#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <charconv>
#include <cmath>
#include <filesystem>
#include <memory>
#include <optional>

#include "api/option_table.hpp"
#include "asked_options.hpp"
#include "checkpoints.hpp"
#include "choose_groups.hpp"
#include "cli/command.hpp"
#include "cli/component_list.hpp"
#include "cli/process/run_lock.hpp"
#include "data.hpp"
#include "fit_options.hpp"
#include "identity.hpp"
#include "init/start_table.hpp"
#include "known_parts.hpp"
#include "machine/threads.hpp"
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
  if (const auto& wider = model.wider_fit()) {
    fmt::print("wider fit: k = {}, {} in {:.3g} s (stopped by {}), loss {:.6g}\n", wider->components,
               report::counted(wider->iterations, "iteration"), wider->seconds, to_string(wider->stop_reason),
               wider->loss);
  }
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

/// There is nothing to do. Collective.
void finish_again(const Comm& comm, const FitArguments& a, const report::FinishedRun& earlier) {
  complete_after_kill(comm, a);
  if (!a.talks(comm)) return;
  fmt::print("finished already, after {} (stopped by {})\nresults: {}\n",
             report::counted(earlier.row.iterations, "iteration"), earlier.row.stop_reason, a.output);
}

/// Its parts in the order in which they run. Collective.
template <class T>
void run_one(const Comm& comm, const FitArguments& a, const MatrixHeader& header, const DataNames& names) {
  const auto begin = FitClock::now();
  RunLimits limits(comm, a);
  Nmf<T> model(a.options);
  const ResolvedOptions chosen =
      resolve(a.options, header.rows, header.columns, threads_for(comm, a.options.threads));
  const BeforeReading found = check_before_reading<T>(comm, a, chosen, header);
  io::Facts fit = fit_identity(a, chosen, header, sizeof(T) == 4);
  if (a.checkpoint.wanted) append(fit, file_identity(comm, a));
  const std::string sample = a.checkpoint.wanted ? sample_of_v(comm, a) : "";
  auto earlier = earlier_run(comm, a, a.output, fit);
  const auto is_finished = [&] { return earlier && report::is_finished(*earlier, chosen, wanted_files(a)); };
  std::optional<FitData<T>> read;
  const auto read_v = [&] {
    read.emplace(read_data<T>(comm, a, chosen.threads, found));
    if (a.checkpoint.wanted) append(fit, data_identity(read->v));
  };
  if (is_finished() && earlier->sample_of_v != sample) {  // another V, or the same in another form
    read_v();
    earlier = earlier_run(comm, a, a.output, fit);
  }
  if (is_finished()) return finish_again(comm, a, *earlier);
  std::optional<OutputFolder> folder;
  OutputFolder::Results results = fit_results<T>(a, header, a.options.components, a.writes_w());
  if (earlier) results.force = true;  // they are those of fewer iterations
  if (a.writes()) folder.emplace(comm, a.output, results);
  if (!read) read_v();
  const FitData<T>& data = *read;
  Warnings warnings(comm, a.quiet);
  FitCheckpoints<T> checkpoints(a, data.v, limits, a.checkpoint.wanted ? a.checkpoint_folder() : "", warnings);
  checkpoints.open(fit);
  fit_model(a, data.v, checkpoints, model, warnings);
  const bool is_stopped = model.stop_reason() == StopReason::request;
  if (is_stopped && a.checkpoint.wanted) checkpoints.leave(model);
  if (folder) {
    const auto write_begin = FitClock::now();
    report::RunFacts facts = fit_facts(a, data, model, warnings);
    checkpoints.describe(facts);
    facts.sample_of_v = sample;
    write_factors(comm, *folder, a, model, names, a.writes_w(), facts);
    facts.write_seconds = seconds_since(write_begin);
    facts.total_seconds = seconds_since(begin) + a.input.seconds_of_statistics;
    publish_fit(comm, *folder, facts);
    draw(comm, a, folder->path(), model.trace());
  }
  if (a.talks(comm)) {
    summarise(a, data, model, seconds_since(begin));
    if (folder) fmt::print("results: {}\n", folder->path());
    std::fflush(stdout);  // before what may follow on standard error
  }
  if (is_stopped) checkpoints.leave(model);
}

/// Restarts make sense only where the start depends on the seed.
void prepare_series(FitArguments& a) {
  SolverArguments& s = a.solver;
  const std::string init = s.typed.text("init");
  Options asked;
  option_row("init").access.set(asked, init);
  const StartFacts start = facts_of(asked.start);
  if (!s.w0.empty() || !s.h0.empty() || start.is_given) {
    throw UsageError(
        "a start from files (--w0, --h0) is one start of one size: fit one k without --restarts, or "
        "leave it out");
  }
  if (a.restarts == 1) return;
  if (asked.start == Start::automatic) s.typed.set("init", name_of(Start::random));
  if (start.ignores_seed) {
    throw UsageError(
        fmt::format("--init {} is the same start for every seed: take --init random (or uniform, numpy or "
                    "nndsvdar), or leave --restarts out",
                    init));
  }
}

void prepare_groups(FitArguments& a) {
  a.groups = groups_in(a.groups_text);
  if (a.groups == 1) return;
  const bool has_several = a.is_series() || a.searched_up_to > 0;
  if (has_several && a.checkpoint.wanted && a.writes()) return;
  throw UsageError(fmt::format(
      "--groups {} is for several fits (--restarts, or several -k) with --checkpoint and an output folder: groups "
      "meet in what they leave there",
      a.groups_text));
}

/// --max-seconds, and how often checkpoints are written.
void prepare_limits(FitArguments& a) {
  TypedOptions& typed = a.solver.typed;
  const std::string seconds = typed.text("max-seconds");
  a.stops_before_job_ends = seconds == "job";
  if (a.stops_before_job_ends) typed.forget("max-seconds");
  if (!a.stops_before_job_ends && !seconds.empty()) {
    double value = 0;
    const char* const end = seconds.data() + seconds.size();
    const auto [rest, error] = std::from_chars(seconds.data(), end, value);
    if (error != std::errc() || rest != end) {
      throw UsageError(fmt::format("--max-seconds is a number of seconds, or job, not {}", seconds));
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
  a.components_text = a.solver.typed.text("components");
  a.searched_up_to = searched_components(a.components_text).value_or(0);
  a.components = a.searched_up_to > 0 ? std::vector<Index>{a.searched_up_to} : parse_components(a.components_text);
  a.solver.typed.forget("components");  // k differs from fit to fit
  if (a.restarts < 1 || a.restarts > most_restarts) {
    throw UsageError(fmt::format("--restarts must be from 1 to {}, not {}", most_restarts, a.restarts));
  }
  if (a.is_series()) prepare_series(a);
  prepare_groups(a);
  prepare_limits(a);
  a.solver.missing = a.input.missing;
  set_options(a);
  check_fixed_components(a);
  if (a.write == "h,w") a.write = "w,h";
  if (a.write != "h" && a.write != "w,h") throw UsageError(fmt::format("--write is h or w,h, not {}", a.write));
  check_factor_output(a.factors);
  if (a.factors.format != "npy" && !a.writes())
    throw UsageError("--output-format needs a folder, but --output is none");
  if (a.input.path.empty()) throw UsageError("V is empty: name a matrix");
  a.input.preparation.check();
  if (a.output.empty()) a.output = name_of_matrix(a.input.path) + ".nmf";
  if (a.checkpoint.wanted && a.writes() && is_same_folder(a.checkpoint_folder(), a.output)) {
    throw UsageError(
        fmt::format("--checkpoint {} is the output folder: leave its name out for {}/checkpoint, or "
                    "name another",
                    a.checkpoint.folder, a.output));
  }
}

/// For the option parser: what is wrong with -k, or nothing.
std::string check_component_list(const std::string& text, bool may_search) {
  try {
    if (searched_components(text)) return may_search ? "" : "-k auto is for mpinmf survey, which looks for k";
    parse_components(text);
  } catch (const UsageError& error) {
    return error.what();
  }
  return "";
}

}  // namespace

void add_fit_options(CLI::App& app, FitArguments& arguments, bool may_search) {
  for (const OptionRow& row : option_table()) arguments.solver.typed.add(app, row);
  app.get_option("--components")->check([may_search](const std::string& text) {
    return check_component_list(text, may_search);
  });
  add_options(app, fit_options(), arguments);
}

void prepare_fit(const CLI::App& app, FitArguments& arguments) {
  if (app.count("--checkpoint") > 0) arguments.checkpoint.wanted = true;
  prepare(arguments);
}

void run_fit(const Comm& comm, const FitArguments& asked) {
  FitArguments a = asked;
  require_ranks_for_groups(comm, a);
  const UnreadV v = open_v(comm, a);
  if (a.groups == 0) a.groups = best_groups(comm, a, v.header);
  with_precision(single_precision(a.input, v.header), [&](auto element) {
    using T = decltype(element);
    a.is_series() ? run_series<T>(comm, a, v.header, v.names) : run_one<T>(comm, a, v.header, v.names);
  });
}

Command add_fit(CLI::App& program) {
  auto arguments = std::make_shared<FitArguments>();
  CLI::App* app = program.add_subcommand("fit", "factorize V (m x n) into W (m x k) times H (k x n)");
  add_input(*app, arguments->input);
  add_fit_options(*app, *arguments);
  app->get_option("--components")->required();
  return {app, [app, arguments] { prepare_fit(*app, *arguments); },
          [arguments](const Comm& comm) { run_fit(comm, *arguments); }};
}

}  // namespace mpinmf::cli
