// mpinmf survey: how many components, and whether they can be trusted.
#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>
#include <set>

#include "cli/command.hpp"
#include "cli/fit/choose_groups.hpp"
#include "cli/fit/fit.hpp"
#include "cli/fit/results.hpp"
#include "cli/fit/seeds.hpp"
#include "cli/fit/series.hpp"
#include "cli/whole_number.hpp"
#include "cnmf_files.hpp"
#include "consensus_model.hpp"
#include "cross_validation.hpp"
#include "report/counted.hpp"
#include "report/gnuplot.hpp"
#include "report/say.hpp"
#include "report/text_file.hpp"
#include "shared_rows.hpp"
#include "stability_of_k.hpp"

namespace mpinmf::cli {
namespace {

constexpr Index usual_restarts = 20;

struct SurveyArguments {
  FitArguments fit;
  std::string noise;
  std::string seeds = "counted";
  Index perturbations = 0;  ///< noisy versions of V for each k; 0: as many as --restarts
  bool cnmf_files = false;
  stability::ConsensusSettings consensus;
  CrossValidationArguments cross;
};

void prepare_search(SurveyArguments& a) {
  constexpr double usual_share = 0.05;
  if (!a.cross.is_wanted()) a.cross.share = usual_share;
  const SolverArguments& files = a.fit.solver;
  if (!files.w0.empty() || !files.h0.empty() || !files.fix_w.empty() || !files.fix_h.empty())
    throw UsageError("-k auto tries several k: it takes no start and no known parts from files");
}

void prepare(const CLI::App& app, SurveyArguments& a) {
  if (a.perturbations > 0) a.fit.restarts = a.perturbations;
  prepare_fit(app, a.fit);
  if (!a.fit.writes()) throw UsageError("a survey compares what its fits leave: give a folder as --output");
  if (a.fit.restarts < 2) {
    throw UsageError(
        fmt::format("--restarts {}: a survey compares fits of the same k; it needs 2 or more, and 20 "
                    "to 100 to be trusted",
                    a.fit.restarts));
  }
  if (!a.fit.input.weights.empty()) {
    throw UsageError("--weights is for mpinmf fit: what a survey compares its fits by counts all entries alike");
  }
  a.fit.cnmf_seeds = a.seeds == "cnmf";
  if (a.fit.cnmf_seeds) check_cnmf_seed(a.fit.options.seed);
  if (!a.noise.empty()) a.fit.noise = Perturbation::parse(a.noise);
  if (a.fit.input.missing == Missing::zeros) a.cross.of = "stored";  // others are not known
  if (a.fit.searched_up_to > 0) prepare_search(a);
  a.cross.check();
  if (!(a.consensus.density_threshold > 0)) {
    throw UsageError(
        fmt::format("--density-threshold must be greater than 0, not {}", a.consensus.density_threshold));
  }
  if (!(a.consensus.neighborhood > 0 && a.consensus.neighborhood <= 1)) {
    throw UsageError(fmt::format("--neighborhood is a share of the fits, more than 0 and at most 1, not {}",
                                 a.consensus.neighborhood));
  }
}

/// What is done beside the fits, and when all of them have ended.
template <class T>
class Comparison {
 public:
  Comparison(const SurveyArguments& arguments, const MatrixHeader& header)
      : arguments_(arguments), cross_(arguments.cross, header) {}

  /// They live as long as this.
  SeriesHooks<T> hooks() {
    using State = const SeriesState<T>&;
    SeriesHooks<T> hooks;
    hooks.at_end = [this](State series, std::span<const report::SummaryRow> fits) { compare(series, fits); };
    if (!arguments_.cross.is_wanted()) return hooks;
    if (arguments_.fit.searched_up_to > 0)
      hooks.choose_components = [this](State series) { return cross_.search(series); };
    hooks.more_jobs = [this](State series) { return cross_.jobs(series, in_order(series.arguments.components)); };
    hooks.do_job = [this](State series, Index number) { cross_.fit(series, number); };
    return hooks;
  }

 private:
  static std::vector<Index> in_order(const std::vector<Index>& components) {
    const std::set<Index> sorted(components.begin(), components.end());
    return {sorted.begin(), sorted.end()};
  }

  void compare(const SeriesState<T>& series, std::span<const report::SummaryRow> known) {
    const Groups& groups = series.groups;
    const std::vector<Index> all_k = in_order(series.arguments.components);
    std::vector<report::HeldOutFit> held_out;
    if (arguments_.cross.is_wanted()) groups.in_first([&] { held_out = cross_.finish(series, all_k); });
    const std::vector<report::SummaryRow> fits = fits_for_all(groups.all, known);
    std::vector<std::vector<report::SummaryRow>> by_k;
    std::vector<GroupJob> jobs;
    for (const Index k : all_k) {
      std::vector<report::SummaryRow> of_k;
      std::copy_if(fits.begin(), fits.end(), std::back_inserter(of_k),
                   [&](const report::SummaryRow& fit) { return fit.components == k; });
      if (of_k.empty()) continue;
      jobs.push_back({static_cast<Index>(by_k.size()), static_cast<double>(k) * static_cast<double>(of_k.size())});
      by_k.push_back(std::move(of_k));
    }
    std::vector<std::optional<report::SurveyRow>> own(by_k.size());
    do_in_groups(groups, std::move(jobs), series.limits, false, [&](Index i) {
      const auto place = static_cast<std::size_t>(i);
      own[place] = compare_one(series, by_k[place]);
    });
    std::vector<report::SurveyRow> rows = rows_of_groups(groups, own);
    groups.in_first([&] { finish(series, rows, fits, held_out); });
  }

  /// Collective in the first group.
  void finish(const SeriesState<T>& series, std::vector<report::SurveyRow>& rows,
              std::span<const report::SummaryRow> fits, std::span<const report::HeldOutFit> held_out) const {
    const Comm& comm = series.groups.own;
    OutputFolder& folder = *series.folder;
    for (report::SurveyRow& row : rows) {
      const auto [mean, error] = report::held_out_loss(held_out, row.facts.k);
      row.facts.held_out_loss = mean;
      row.facts.held_out_error = error;
      if (!arguments_.cnmf_files || !(row.kept > 0)) continue;  // there is no consensus
      write_cnmf_files(
          comm, folder, series.arguments,
          {folder_of(series, row.facts.k) + consensus_name, row.facts.k, arguments_.consensus.density_threshold});
    }
    const std::string path = folder.partial("survey.csv");
    comm.meet_on_root([&] { report::write_text_file(path, report::survey_csv(rows)); });
    if (arguments_.cnmf_files)
      write_cnmf_genes(comm, folder, series.arguments, series.names, series.data.v.columns());
    folder.publish();
    if (comm.is_root()) say(folder.path(), rows, fits);
  }

  /// "DIR/k7/".
  static std::string folder_of(const SeriesState<T>& series, Index k) {
    return series.arguments.output + "/" + components_folder(k) + "/";
  }

  /// The fits of one k. Collective in a group.
  report::SurveyRow compare_one(const SeriesState<T>& series, const std::vector<report::SummaryRow>& fits) const {
    const Comm& comm = series.groups.own;
    const Index k = fits.front().components;
    std::vector<std::string> folders;
    std::string best;
    std::vector<double> losses;
    double best_loss = Cost::unknown, explained_variance = Cost::unknown;
    StabilityOfK found;
    for (const report::SummaryRow& fit : fits) {
      folders.push_back(series.arguments.output + "/" + series_folder(k, Seed::parse(fit.seed)));
      losses.push_back(fit.cost.loss);
      if (!fit.best) continue;
      best = folders.back();
      best_loss = fit.cost.loss;
      explained_variance = fit.explained_variance;
    }
    const std::string stem = folder_of(series, k) + clustering_stem;
    comm.meet_on_root([&] { found = stability_of(folders, best, k, arguments_.consensus, stem); });
    // that there is no gnuplot is said once, of survey.svg
    if (arguments_.fit.talks(comm) && !found.not_drawn.empty() && found.not_drawn != report::no_gnuplot)
      report::note(fmt::format("{}.svg and .png were not drawn: {}", stem, found.not_drawn));
    found.row.fits = static_cast<Index>(fits.size());
    std::sort(losses.begin(), losses.end());
    found.row.best_loss = best_loss;
    found.row.explained_variance = explained_variance;
    found.row.median_loss = (losses[(losses.size() - 1) / 2] + losses[losses.size() / 2]) / 2;
    found.row.facts.error = found.row.median_loss;
    share(comm, found.spectra, series.data.v.columns());
    if (found.spectra.rows() > 0) {
      const std::string path = folder_of(series, k) + consensus_name;
      ConsensusFit fit =
          write_consensus_model(comm, series.arguments, series.data, series.names, path, found.spectra.view());
      found.row.facts.consensus_error = fit.loss;
      found.row.facts.row_errors = std::move(fit.row_errors);
    }
    return found.row;
  }

  /// The root's spectra become everybody's.
  static void share(const Comm& comm, Matrix<double>& spectra, Index columns) {
    Index rows = spectra.rows();
    comm.broadcast_value(rows);
    comm.meet([&] {
      if (!comm.is_root()) spectra = Matrix<double>(rows, columns);
    });
    for (Index c = 0; c < rows; ++c) {
      comm.broadcast(std::span<double>(spectra.row(c), static_cast<std::size_t>(columns)));
    }
  }

  void say(const std::string& folder, std::span<const report::SurveyRow> rows,
           std::span<const report::SummaryRow> fits) const {
    const std::string fault = report::draw_survey(rows, fits, folder + "/survey");
    if (arguments_.fit.quiet) return;
    if (!fault.empty()) report::note(fmt::format("survey.svg and survey.png were not drawn: {}", fault));
    std::vector<stability::KFacts> facts;
    for (const report::SurveyRow& row : rows) facts.push_back(row.facts);
    fmt::print("\n{}\n{}", report::survey_table(rows), report::suggestions_text(stability::suggestions(facts)));
  }

  const SurveyArguments& arguments_;
  CrossValidation<T> cross_;
};

void run(const Comm& comm, const SurveyArguments& asked) {
  SurveyArguments a = asked;
  require_ranks_for_groups(comm, a.fit);
  const UnreadV v = open_v(comm, a.fit);
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
