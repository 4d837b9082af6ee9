// mpinmf evaluate: how well a model stands for V.
#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

#include "api/evaluate.hpp"
#include "cli/fit/planted.hpp"
#include "command.hpp"
#include "data_storage.hpp"
#include "factor_files.hpp"
#include "file_hints.hpp"
#include "io/prepare.hpp"
#include "losses/loss_table.hpp"
#include "machine/threads.hpp"
#include "mpinmf/load.hpp"
#include "report/memory.hpp"
#include "solver_arguments.hpp"
#include "warnings.hpp"
#include "weights.hpp"

namespace mpinmf::cli {
namespace {

using Json = nlohmann::ordered_json;

struct EvaluateArguments {
  InputArguments input;
  std::string model, holdout;
  bool json = false, says_missing = false;
};

/// One figure of the table.
struct Line {
  std::string name, key;
  double value;
};

std::vector<Line> figures(const Evaluation& e) {
  return {{"relative error ||V - W H|| / ||V||", "relative_error", e.relative_error},
          {"explained variance", "explained_variance", e.explained_variance},
          {"sparseness of W (Hoyer)", "sparseness_w", e.sparseness_w},
          {"sparseness of H (Hoyer)", "sparseness_h", e.sparseness_h},
          {"KKT residual of W", "kkt_w", e.kkt_w},
          {"KKT residual of H", "kkt_h", e.kkt_h}};
}

/// What a model says of entries that it has not seen.
std::vector<Line> figures(const EntryErrors& e) {
  return {{"entries held out", "entries", static_cast<double>(e.entries)},
          {"others, in rows or columns of 0", "without_model", static_cast<double>(e.without_model)},
          {"RMSE of entries held out", "rmse", e.rmse},
          {"MAE of entries held out", "mae", e.mae},
          {"RMSE of the mean of V there", "rmse_of_mean", e.rmse_of_guess}};
}

/// Beside the evaluation, where there are such.
struct Extras {
  std::optional<PlantedMatch> match;
  std::optional<EntryErrors> held_out;
};

void print_table(const Evaluation& evaluation, const Extras& extras) {
  fmt::print("{:<36}{:>20}{:>24}\n", "loss", "value", "reconstruction error");
  for (const auto& loss : evaluation.losses) {
    if (!loss.why_not.empty()) {
      fmt::print("{:<36}{:>20}  {}\n", loss.name, "-", loss.why_not);
    } else {
      fmt::print("{:<36}{:>20.12g}{:>24.12g}\n", loss.name, loss.loss, loss.reconstruction_error);
    }
  }
  for (const Line& line : figures(evaluation)) fmt::print("{:<36}{:>20.12g}\n", line.name, line.value);
  for (const Line& line : extras.held_out ? figures(*extras.held_out) : std::vector<Line>())
    fmt::print("{:<36}{:>20.12g}\n", line.name, line.value);
  if (extras.match) fmt::print("{}\n", extras.match->text());
}

void print_json(const Evaluation& evaluation, const Extras& extras) {
  const auto number = [](double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); };
  Json json;
  for (const auto& loss : evaluation.losses) {
    Json entry;
    entry["loss"] = number(loss.loss);
    entry["reconstruction_error"] = number(loss.reconstruction_error);
    if (!loss.why_not.empty()) entry["why_not"] = loss.why_not;
    json["losses"][loss.name] = entry;
  }
  for (const Line& line : figures(evaluation)) json[line.key] = number(line.value);
  for (const Line& line : extras.held_out ? figures(*extras.held_out) : std::vector<Line>())
    json["held_out"][line.key] = number(line.value);
  if (extras.match) {
    json["planted_parts"]["best_cosines"] = extras.match->best_cosines;
    json["planted_parts"]["found"] = extras.match->found();
  }
  fmt::print("{}\n", json.dump(2));
}

void require_shapes(const Comm& comm, const Model& model, const MatrixHeader& header, const std::string& path) {
  comm.meet_on_root([&] {
    require_w(model);
    const Shape w = factor_shape(model.w_path);
    if (w.rows == header.rows && model.h.columns == header.columns && w.columns == model.h.rows) return;
    throw ShapeMismatch(fmt::format("{} is {} x {}, but the model in {} is {} x {} times {} x {}{}", path,
                                    header.rows, header.columns, model.folder, w.rows, w.columns, model.h.rows,
                                    model.h.columns,
                                    model.facts.transposed ? " (it was fitted with --transpose)" : ""));
  });
}

template <class T>
Matrix<T> transposed(const Matrix<T>& h) {
  Matrix<T> ht = Matrix<T>::padded(h.columns(), h.rows());
  for (Index i = 0; i < h.rows(); ++i) {
    for (Index j = 0; j < h.columns(); ++j) ht(j, i) = h(i, j);
  }
  return ht;
}

/// `reading`: of V, whose rows say what those held out are scaled by. Collective.
template <class T>
EntryErrors errors_of(const Comm& comm, const EvaluateArguments& a, const Model& model, LoadOptions reading,
                      const Matrix<T>& ht, double mean) {
  reading.prepared = io::prepared_as_rows_of(comm, a.input.path, reading);
  reading.storage = Storage::memory;
  reading.mask.clear();
  reading.keeps_zeros = true;  // a 0 that is stored there is known
  const auto held_out = load<T>(comm, a.holdout, reading);
  const auto w = read_factor_rows<T>(comm, model.w_path, held_out.first_row(), held_out.rows_local());
  return errors_at<T>(held_out, w.view(), ht.view(), mean);
}

template <class T>
void evaluate_model(const Comm& comm, const EvaluateArguments& a, const Model& model, const LoadOptions& reading) {
  const Loss& loss = model.facts.loss;
  const auto v = with_weights(a.input, facts_of(loss).beta.value_or(0), load<T>(comm, a.input.path, reading));
  Warnings warnings(comm, a.json);
  warn_of_clipped(v.summary().clipped, warnings);
  warn_of_summed(v.summary().summed, a.input.path, warnings);
  const auto w = read_factor_rows<T>(comm, model.w_path, v.first_row(), v.rows_local());
  const auto h = read_model_h<T>(comm, model);
  const Matrix<T> ht = transposed(h);
  const Evaluation evaluation = evaluate<T>(v, w.view(), ht.view(), loss, threads_for(comm, 0).threads);
  Extras extras;
  if (!a.holdout.empty()) {
    const double mean = v.summary().sum / static_cast<double>(v.summary().stored - v.summary().unknown);
    extras.held_out = errors_of<T>(comm, a, model, reading, ht, mean);
  }
  comm.meet_on_root([&] {
    if (!a.input.transpose && !a.input.prepared) extras.match = match_planted_parts<T>(a.input.path, h.view());
    if (a.json) {
      print_json(evaluation, extras);
    } else {
      print_table(evaluation, extras);
    }
  });
}

/// Bytes of a rank's rows of it; 0: there is none. Collective.
double bytes_of_holdout(const Comm& comm, const EvaluateArguments& a, const Model& model, bool single_precision) {
  if (a.holdout.empty()) return 0;
  const auto refuse = [](const std::string& why) {
    UsageError error("--holdout looks at the entries that a sparse matrix stores, but " + why);
    error.set_met();  // every rank sees the same
    throw error;
  };
  if (a.input.add != 0) {
    refuse(fmt::format("the fit has added {:g} to all entries of V (--add), stored or not: fit without it",
                       a.input.add));
  }
  LoadOptions reading = load_options(a.input, model.h.rows);
  reading.mask.clear();  // what was held out may be what it says is unknown
  const MatrixHeader header = load_header(comm, a.holdout, reading);
  require_shapes(comm, model, header, a.holdout);
  if (!header.sparse) refuse(a.holdout + " is dense: convert it to .mtx");
  return report::bytes_of_rows(header, comm.size(), single_precision) + io::bytes_of_row_factors(reading.prepared);
}

/// Where they can, weights of rows or columns scale V for the model's loss, and others are not evaluated; else
/// each entry has one, for every loss. Collective.
void choose_weights_of_model(const Comm& comm, InputArguments& input, Loss& loss, MatrixHeader& header) {
  if (input.weights.empty()) return;
  const ScaledBy lines = lines_of_weights(comm, input, header);
  const LossFacts facts = facts_of(loss);
  comm.meet([&] {
    if (lines != ScaledBy::nothing && facts.beta && !facts.needs_positive_v)
      return scale_by_weights(input, lines, header);
    weigh_entries(input);
    loss.missing = Missing::zeros;
  });
}

void run(const Comm& comm, EvaluateArguments a) {
  Model model = open_model(comm, a.model, a.json);
  a.input.add = model.facts.add;
  if (a.input.clip_negative == 0) a.input.clip_negative = model.facts.clip_negative;
  if (!a.says_missing) {
    a.input.missing = model.facts.missing;
    a.input.mask = model.mask;
  }
  model.facts.loss.missing = a.input.missing;
  prepare_input_again(comm, a.input, model.folder, true);
  MatrixHeader header = load_header(comm, a.input.path, load_options(a.input, model.h.rows));
  require_shapes(comm, model, header, a.input.path);
  require_place_for_missing(a.input, header);
  choose_weights_of_model(comm, a.input, model.facts.loss, header);
  const bool single = a.input.precision.empty() ? model.facts.single_precision : a.input.precision == "float";
  report::MemoryPlan plan;
  plan.beside = bytes_of_holdout(comm, a, model, single) + bytes_of_scales(a.input, header, comm.size());
  plan.components = model.h.rows;
  plan.single_precision = single;
  plan.loss = {0};  // of the losses that are computed, the one that needs most
  plan.loss.missing = model.facts.loss.missing;
  plan.w_copies = 2;
  plan.ranks = comm.size();
  plan.threads = threads_for(comm, 0).most;
  const LoadOptions reading =
      placed_options(comm, a.input, model.h.rows, weighted_header(comm, a.input, header), plan, a.json);
  if (!a.json) give_file_hints(comm, header, a.input.path);
  with_precision(single, [&](auto element) { evaluate_model<decltype(element)>(comm, a, model, reading); });
}

}  // namespace

Command add_evaluate(CLI::App& program) {
  auto arguments = std::make_shared<EvaluateArguments>();
  CLI::App* app = program.add_subcommand(
      "evaluate", "every loss, the relative error, explained variance, sparseness and KKT residual of a model");
  app->add_option("V", arguments->input.path, matrix_help)->required();
  add_storage(*app, arguments->input);
  add_reading(*app, arguments->input);
  app->add_option(
         "--model", arguments->model,
         "the folder a fit wrote (W.npy, H.npy, D.npy if it is there; --add of run.json); of several fits "
         "the best is taken")
      ->required();
  app->add_flag("--transpose", arguments->input.transpose, "use the transposed matrix, as the fit did");
  app->add_option("--precision", arguments->input.precision, "float or double; default: the model's")
      ->check(CLI::IsMember({"float", "double"}));
  app->add_option(
      "--holdout", arguments->holdout,
      "a sparse matrix of V's shape: also the RMSE and MAE of W H at its stored entries, which the fit "
      "has not seen, and of the mean of V's stored entries");
  app->add_option("--weights", arguments->input.weights,
                  "as for fit: how much counts in the model's loss, a file with one of each row, column or entry")
      ->excludes("--holdout")
      ->check(refuse_empty_name);
  app->add_flag("--json", arguments->json, "print JSON instead of a table");
  const CLI::Option* const missing = add_missing(
      *app, "--missing",
      "which entries of V are not known: none, zeros, nan or FILE, as for fit; default: as for the fit",
      arguments->input);
  return {app, [arguments, missing] { arguments->says_missing = missing->count() > 0; },
          [arguments](const Comm& comm) { run(comm, *arguments); }};
}

}  // namespace mpinmf::cli
