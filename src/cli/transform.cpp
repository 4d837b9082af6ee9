// mpinmf transform: W for new rows, with the H of a fit.
#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "api/evaluate.hpp"
#include "cli/process/output_folder.hpp"
#include "command.hpp"
#include "data_names.hpp"
#include "data_storage.hpp"
#include "factor_files.hpp"
#include "factor_output.hpp"
#include "file_hints.hpp"
#include "init/start_table.hpp"
#include "io/npy.hpp"
#include "io/prepared_files.hpp"
#include "losses/loss_table.hpp"
#include "machine/threads.hpp"
#include "mpinmf/nmf.hpp"
#include "report/counted.hpp"
#include "report/memory.hpp"
#include "report/names.hpp"
#include "report/run_json.hpp"
#include "report/text_file.hpp"
#include "rules/rule.hpp"
#include "solver_arguments.hpp"
#include "warnings.hpp"
#include "weights.hpp"

namespace mpinmf::cli {
namespace {

struct TransformArguments {
  InputArguments input;
  SolverArguments solver;
  std::string model, output;
  FactorOutput factors;
  bool force = false, quiet = false;
  bool says_missing = false;
};

using Clock = std::chrono::steady_clock;
double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void require_columns(const Model& model, const MatrixHeader& header, const std::string& path) {
  if (header.columns == model.h.columns) return;
  auto error = ShapeMismatch(fmt::format("{} has {} columns, but the model in {} has {}{}", path, header.columns,
                                         model.folder, model.h.columns,
                                         model.facts.transposed ? " (it was fitted with --transpose)" : ""));
  error.set_met();  // every rank sees the same numbers
  throw error;
}

/// W and the record. `facts`: but for what is written. `begin`: of the command. Collective.
template <class T>
void write(const Comm& comm, OutputFolder& folder, const FactorOutput& output, io::FactorFiles files,
           ConstMatrixView<T> w, report::RunFacts& facts, Clock::time_point begin) {
  const auto write_begin = Clock::now();
  files.w = folder.partial("W.npy");
  io::write_npy<T>(comm, files.w, w);
  facts.written.emplace_back("W.npy");
  write_added_files(comm, folder, output, files, facts);
  facts.written.emplace_back("run.json");
  facts.write_seconds = seconds_since(write_begin);
  facts.total_seconds = seconds_since(begin);
  const std::string json = report::run_json(comm, facts), json_path = folder.partial("run.json");
  comm.meet_on_root([&] { report::write_text_file(json_path, json); });
  folder.publish();
}

/// All that the command may leave.
std::vector<std::string> result_names() {
  std::vector<std::string> names = {"run.json", "W.npy", report::row_names_file, io::kept_rows_file};
  for (const std::string& file : io::all_factor_files()) {
    if (!file.starts_with("H.")) names.push_back(file);
  }
  return names;
}

template <class T>
void transform(const Comm& comm, const TransformArguments& a, const Options& options, const Model& model,
               const LoadOptions& reading, std::vector<std::string> warnings) {
  const auto begin = Clock::now();
  std::optional<OutputFolder> folder;
  if (a.output != "none") folder.emplace(comm, a.output, OutputFolder::Results{result_names(), a.force, 0});
  const auto v =
      with_weights(a.input, facts_of(options.loss).beta.value_or(0), load<T>(comm, a.input.path, reading));
  const DataNames names(comm, a.input, v.rows_global(), v.columns());
  names.require_columns_of(model.folder);
  check_into(comm, a.factors, names, v.rows_global(), v.columns());
  report::RunFacts facts;
  facts.read_seconds = seconds_since(begin);
  facts.warnings = std::move(warnings);
  const std::vector<std::string> of_work = warn_of_uneven_work(v, options, a.quiet);
  facts.warnings.insert(facts.warnings.end(), of_work.begin(), of_work.end());
  const auto h = read_model_h<T>(comm, model);
  Nmf<T> nmf(options);
  comm.meet([&] { nmf.set_components(h.view()); });
  Matrix<T> w;
  TransformRecord record;
  if (facts_of(options.start).is_given) {
    const auto w0 = read_factor_rows<T>(comm, a.solver.w0, v.first_row(), v.rows_local());
    w = nmf.transform(v, w0.view(), &record);
  } else {
    w = nmf.transform(v, &record);
  }
  Warnings of_end(comm, a.quiet);
  warn_of_clipped(v.summary().clipped, of_end);
  warn_of_summed(v.summary().summed, a.input.path, of_end);
  if (record.unconverged > 0) {
    of_end.add(
        fmt::format("{} of {} rows of W are not at a minimum yet after {} Newton steps; take a higher "
                    "--tolerance, or start from the W that was found (--w0)",
                    record.unconverged, v.rows_global(), record.iterations));
  }
  facts.warnings.insert(facts.warnings.end(), of_end.texts().begin(), of_end.texts().end());
  facts.cost = cost_of<T>(v, std::as_const(w).view(), nmf.ht(), options.loss, record.threads.threads);
  facts.command = "transform";
  facts.iterations = record.iterations;
  facts.stop_reason = to_string(record.stop_reason);
  facts.rows_unconverged = record.unconverged;
  facts.input = report::input_facts(v, a.input.path, a.input.missing);
  facts.input.transposed = a.input.transpose;
  facts.input.add = a.input.add;
  facts.input.weights = a.input.weights;
  facts.input.mask = a.input.mask;
  facts.input.clip_negative = a.input.clip_negative;
  if (a.input.prepared) facts.input.preparation = a.input.prepared->asked.options();
  facts.input.file = a.input.file;
  facts.options = resolve(options, v.rows_global(), v.columns(), record.threads);
  facts.w0 = a.solver.w0;
  facts.model = model.folder;
  if (folder) {
    io::FactorFiles files;
    files.prepared = names.prepared();
    files.row_names = names.write_rows(*folder, facts.written);
    files.column_names = (std::filesystem::path(model.folder) / report::column_names_file).string();
    names.write_kept_rows(*folder, facts.written);
    write<T>(comm, *folder, a.factors, files, std::as_const(w).view(), facts, begin);
  }
  if (a.quiet || !comm.is_root()) return;
  fmt::print("NEW: {} x {}; k = {}; {} rank{}; {:.3g} s\n", v.rows_global(), v.columns(), options.components,
             comm.size(), comm.size() == 1 ? "" : "s", seconds_since(begin));
  if (record.stop_reason == StopReason::exact) {
    fmt::print("solved exactly\n");
  } else {
    fmt::print("at most {} for a row\n", report::counted(record.iterations, "Newton step"));
  }
  fmt::print("loss ({}): {:.12g}\nreconstruction error: {:.12g}\n", options.loss.name(), facts.cost.loss,
             facts.cost.reconstruction_error);
  if (!std::isnan(facts.cost.relative_error)) fmt::print("relative error: {:.6g}\n", facts.cost.relative_error);
  if (folder) fmt::print("results: {}\n", folder->path());
}

void require_other_folder(const TransformArguments& a, const Model& model) {
  for (const std::string& folder : {a.model, model.folder}) {
    std::error_code ignored;
    if (!std::filesystem::equivalent(folder, a.output, ignored)) continue;
    throw UsageError(fmt::format("--output and --model are both {}: the model would be lost", a.output));
  }
}

/// Weights of columns scale V. Others have no use here. Collective.
void choose_weights_of_columns(const Comm& comm, InputArguments& input, const Loss& loss, MatrixHeader& header) {
  if (input.weights.empty()) return;
  const ScaledBy lines = lines_of_weights(comm, input, header);
  const LossFacts facts = facts_of(loss);
  comm.meet([&] {
    if (lines != ScaledBy::columns) {
      throw UsageError(fmt::format(
          "{} has weights of {}, but transform takes a row with one of each column: a row of W is found "
          "by that row of V alone, whatever the row counts",
          input.weights, words_for(lines)));
    }
    if (!facts.beta || facts.needs_positive_v) {
      throw UsageError(fmt::format(
          "--weights: transform has none in the {} loss, which columns cannot be scaled for", loss.name()));
    }
    scale_by_weights(input, lines, header);
  });
}

void run(const Comm& comm, TransformArguments a) {
  const Model model = open_model(comm, a.model, a.quiet);
  comm.meet_on_root([&] { require_other_folder(a, model); });
  a.input.add = model.facts.add;
  if (a.input.clip_negative == 0) a.input.clip_negative = model.facts.clip_negative;
  if (!a.says_missing) a.input.missing = model.facts.missing;
  Options options;
  comm.meet([&] {
    options = to_options(a.solver, model.h.rows, false);
    options.loss = model.facts.loss;
    options.loss.missing = a.input.missing;
    const LossFacts loss = facts_of(options.loss);
    if (model.facts.w_sums_to_one) options.sum_to_one = SumToOne::w;
    const bool is_exact = loss.is_solved_by_least_squares() || options.sum_to_one == SumToOne::w;
    options.rule = default_rule<double>(is_exact ? DefaultFor::exact_half_steps : DefaultFor::any_loss).name;
    options.extrapolate = options.final_w = false;
    options.alpha_w = model.facts.alpha_w;
    options.l1_ratio = model.facts.l1_ratio;
    if (loss.zeroes_h) options.zero_below = model.facts.zero_below;  // elsewhere it never did anything
  });
  prepare_input_again(comm, a.input, model.folder, false);
  MatrixHeader header = load_header(comm, a.input.path, load_options(a.input, options.components));
  require_columns(model, header, a.input.path);
  require_place_for_missing(a.input, header);
  choose_weights_of_columns(comm, a.input, options.loss, header);
  if (facts_of(options.start).is_given) {
    require_factor_shape(comm, a.solver.w0, {header.rows, model.h.rows}, "W0 (rows of V x k)");
  }
  const bool single = a.input.precision.empty() ? model.facts.single_precision : a.input.precision == "float";
  const ThreadPlan threads = threads_for(comm, options.threads);
  report::MemoryPlan plan;
  plan.components = options.components;
  plan.loss = options.loss;
  plan.single_precision = single;
  plan.w_copies = 2;
  plan.solves_rows = !facts_of(options.loss).is_solved_by_least_squares();
  if (!plan.solves_rows) plan.rule = default_rule<double>(DefaultFor::exact_half_steps).name;
  plan.ranks = comm.size();
  plan.threads = threads.most;
  plan.beside = bytes_of_scales(a.input, header, comm.size());
  const LoadOptions reading =
      placed_options(comm, a.input, options.components, weighted_header(comm, a.input, header), plan, a.quiet);
  const std::vector<std::string> warnings = warn_of_placement(comm, threads, a.quiet);
  if (!a.quiet) give_file_hints(comm, header, a.input.path);
  with_precision(single,
                 [&](auto element) { transform<decltype(element)>(comm, a, options, model, reading, warnings); });
}

}  // namespace

Command add_transform(CLI::App& program) {
  auto arguments = std::make_shared<TransformArguments>();
  CLI::App* app = program.add_subcommand("transform", "find W for new rows, with the H of a fit");
  app->add_option("NEW", arguments->input.path, matrix_help)->required();
  add_storage(*app, arguments->input);
  add_reading(*app, arguments->input);
  add_input_option(*app, "--rows", arguments->input);
  app->add_option("--model", arguments->model,
                  "the folder a fit wrote (H.npy, D.npy; of run.json loss, precision, --add, --zero-below and the "
                  "penalty on W); of several fits the best is taken")
      ->required();
  app->add_option("--output", arguments->output, "folder for W.npy and run.json, or none")->required();
  app->add_option("--output-format", arguments->factors.format, output_format_help)->capture_default_str();
  app->add_option("--into", arguments->factors.into, into_help);
  app->add_flag("--transpose", arguments->input.transpose, "use the transposed matrix");
  app->add_option("--precision", arguments->input.precision, "float or double; default: the model's")
      ->check(CLI::IsMember({"float", "double"}));
  arguments->solver.typed.add(
      *app, "tolerance",
      "for losses other than frobenius: stop with a row when a Newton step moves it by less than this share of "
      "itself");
  arguments->solver.typed.add(*app, "threads");
  const CLI::Option* const missing = add_missing(
      *app, "--missing",
      "which entries of NEW are not known: none, zeros, nan or FILE, as for fit; default: as for the fit, "
      "nan where it was given a file",
      arguments->input);
  app->add_option("--w0", arguments->solver.w0,
                  "a .npy file: where the rows of W begin, for losses with several minima (beta outside [1, 2])");
  app->add_option("--weights", arguments->input.weights,
                  "how much each column counts in the loss: a file of one row, as for fit")
      ->check(refuse_empty_name);
  app->add_flag("--force", arguments->force, "replace the results that the output folder holds");
  app->add_flag("--quiet", arguments->quiet, "no summary");
  return {app,
          [arguments, missing] {
            arguments->says_missing = missing->count() > 0;
            to_options(arguments->solver, 1, false);  // the model's k is known later
            check_factor_output(arguments->factors);
            arguments->input.preparation.check();
          },
          [arguments](const Comm& comm) { run(comm, *arguments); }};
}

}  // namespace mpinmf::cli
