// mpinmf survey: how many components, and whether they can be trusted.
#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>

#include "cli/command.hpp"
#include "cli/fit/choose_groups.hpp"
#include "cli/fit/fit.hpp"
#include "cli/fit/seeds.hpp"
#include "cli/fit/series.hpp"
#include "cli/whole_number.hpp"
#include "comparison.hpp"

namespace mpinmf::cli {
namespace {

constexpr Index usual_restarts = 20;

void prepare_search(SurveyArguments& a) {
  constexpr double usual_share = 0.05;
  if (!a.cross.is_wanted()) a.cross.share = usual_share;
  const SolverArguments& files = a.fit.solver;
  if (!files.w0.empty() || !files.h0.empty() || !files.fix_w.empty() || !files.fix_h.empty())
    throw UsageError("-k auto tries several k: it takes no start and no known parts from files");
}

void check_weights(const SurveyArguments& a) {
  const char* const other = a.fit.noise ? "--perturb" : a.cnmf_files ? "--cnmf-files" : nullptr;
  if (a.fit.input.weights.empty() || other == nullptr) return;
  throw UsageError(fmt::format("--weights excludes {}, for which all rows and columns of V count alike", other));
}

/// Once it is known what has weights. Throws on every rank alike.
void require_weights_of_lines(const InputArguments& input) {
  if (input.weights.empty() || input.scaled_by != ScaledBy::nothing) return;
  UsageError error(fmt::format(
      "{}: a survey takes weights of rows or of columns, by which V can be multiplied: those of entries, and "
      "what --loss, --alpha-w, --alpha-h or --zero-below make such, are for mpinmf fit",
      input.weights));
  error.set_met();
  throw error;
}

void prepare(const CLI::App& app, SurveyArguments& a) {
  if (!a.fit.writes()) throw UsageError("a survey compares what its fits leave: give a folder as --output");
  if (a.perturbations > 0) a.fit.restarts = a.perturbations;
  prepare_fit(app, a.fit);
  if (a.fit.restarts < 2) {
    throw UsageError(
        fmt::format("--restarts {}: a survey compares fits of the same k; it needs 2 or more, and 20 "
                    "to 100 to be trusted",
                    a.fit.restarts));
  }
  if (!a.fit.solver.fix_w.empty()) {
    throw UsageError(
        "--fix-w is for mpinmf fit: the consensus of a survey is what H of its fits agree on, with a W of its "
        "own; what is known of H (--fix-h) a survey keeps");
  }
  a.fit.cnmf_seeds = a.seeds == "cnmf";
  if (a.fit.cnmf_seeds) check_cnmf_seed(a.fit.options.seed);
  if (!a.noise.empty()) a.fit.noise = Perturbation::parse(a.noise);
  if (a.fit.input.missing == Missing::zeros) a.cross.of = "stored";  // others are not known
  if (a.fit.searched_up_to > 0) prepare_search(a);
  for (const char* const option : {"--holdout", "--folds", "--holdout-of"}) {
    if (a.cross.is_wanted() || app.count(option) == 0) continue;
    throw UsageError(fmt::format(
        "{} is of cross-validation: say what share of V's entries to hold out, as in --holdout 0.05", option));
  }
  a.cross.check();
  check_weights(a);
  if (!(a.consensus.density_threshold > 0)) {
    throw UsageError(
        fmt::format("--density-threshold must be greater than 0, not {}", a.consensus.density_threshold));
  }
  if (!(a.consensus.neighborhood > 0 && a.consensus.neighborhood <= 1)) {
    throw UsageError(fmt::format("--neighborhood is a share of the fits, more than 0 and at most 1, not {}",
                                 a.consensus.neighborhood));
  }
}

void run(const Comm& comm, const SurveyArguments& asked) {
  SurveyArguments a = asked;
  require_ranks_for_groups(comm, a.fit);
  const UnreadV v = open_v(comm, a.fit);
  require_weights_of_lines(a.fit.input);
  if (a.fit.searched_up_to > 0) {
    a.fit.searched_up_to = std::min({a.fit.searched_up_to, v.header.rows, v.header.columns});
    a.fit.components = {a.fit.searched_up_to};
  }
  if (a.fit.groups == 0) a.fit.groups = best_groups(comm, a.fit, v.header);
  with_precision(single_precision(a.fit.input, v.header), [&](auto element) {
    using T = decltype(element);
    Comparison<T> comparison(a, v.header);
    run_series<T>(comm, a.fit, v.header, v.names, comparison.hooks());
  });
}

}  // namespace

Command add_survey(CLI::App& program) {
  auto arguments = std::make_shared<SurveyArguments>();
  CLI::App* app = program.add_subcommand(
      "survey", "how many components: fits every k from many starts, and says how far they agree");
  arguments->fit.restarts = usual_restarts;
  arguments->fit.keeps_strongest = true;
  arguments->fit.checkpoint.wanted = true;  // so that --resume can go on with any survey
  add_input(*app, arguments->fit.input);
  add_fit_options(*app, arguments->fit, true);
  app->get_option("--components")->required();
  app->get_option("--resume")->remove_needs(app->get_option("--checkpoint"));
  app->add_option(
      "--perturb", arguments->noise,
      "noise on V, of its own for each fit: uniform:0.03 multiplies entries by numbers from 0.97 to 1.03, "
      "poisson draws counts with these means");
  app->add_option("--seeds", arguments->seeds,
                  "of the fits of each k: counted (--seed, the seed after it and so on), or cnmf (those that cNMF "
                  "draws from --seed)")
      ->check(CLI::IsMember({"counted", "cnmf"}))
      ->capture_default_str();
  add_whole_number(*app, "--perturbations", arguments->perturbations,
                   "with --perturb: so many noisy versions of V, each fitted once, as NMFk does: --restarts by "
                   "another name")
      ->check(CLI::Range(Index{1}, most_counted))
      ->needs("--perturb")
      ->excludes("--restarts");
  app->add_option("--density-threshold", arguments->consensus.density_threshold,
                  "of the consensus: spectra whose mean distance to their nearest is not below this are left out "
                  "(cNMF; 2 keeps all)")
      ->capture_default_str();
  app->add_option("--neighborhood", arguments->consensus.neighborhood,
                  "of the consensus: how many nearest these are, as a share of the fits")
      ->capture_default_str();
  app->add_flag(
      "--cnmf-files", arguments->cnmf_files,
      "leave the consensus of each k also under cNMF's names in the folder of the survey, as tables with tabs: "
      "NAME.usages.k_7.dt_0_5.consensus.txt and so on; with the Frobenius loss also spectra and scores of all "
      "columns of V's file, which is read twice more for each k");
  app->add_option(
      "--holdout", arguments->cross.share,
      "cross-validation: for each k also fits that do not see this share of V's entries, and the loss of "
      "these: 0.05, say; -k auto or auto:50 looks by it for the best k up to 64 or 50, and fits those around it");
  add_whole_number(*app, "--folds", arguments->cross.folds,
                   "so many such fits of each k, each without other entries")
      ->capture_default_str();
  app->add_option("--holdout-of", arguments->cross.of,
                  "which entries: all, or stored (those that a sparse V stores: nonzeros)")
      ->check(CLI::IsMember({"all", "stored"}))
      ->capture_default_str();
  return {app, [app, arguments] { prepare(*app, *arguments); },
          [arguments](const Comm& comm) { run(comm, *arguments); }};
}

}  // namespace mpinmf::cli
