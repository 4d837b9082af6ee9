#include "comparison.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <set>

#include "cli/fit/known_parts.hpp"
#include "cli/fit/results.hpp"
#include "cnmf_files.hpp"
#include "consensus_model.hpp"
#include "report/counted.hpp"
#include "report/gnuplot.hpp"
#include "report/say.hpp"
#include "report/text_file.hpp"
#include "shared_rows.hpp"

namespace mpinmf::cli {
namespace {

std::vector<Index> in_order(const std::vector<Index>& components) {
  const std::set<Index> sorted(components.begin(), components.end());
  return {sorted.begin(), sorted.end()};
}

/// "DIR/k7/".
std::string folder_of(const FitArguments& arguments, Index k) {
  return arguments.output + "/" + components_folder(k) + "/";
}

/// The root's spectra become everybody's.
void share_spectra(const Comm& comm, Matrix<double>& spectra, Index columns) {
  Index rows = spectra.rows();
  comm.broadcast_value(rows);
  comm.meet([&] {
    if (!comm.is_root()) spectra = Matrix<double>(rows, columns);
  });
  for (Index c = 0; c < rows; ++c) {
    comm.broadcast(std::span<double>(spectra.row(c), static_cast<std::size_t>(columns)));
  }
}

}  // namespace

template <class T>
SeriesHooks<T> Comparison<T>::hooks() {
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

template <class T>
void Comparison<T>::compare(const SeriesState<T>& series, std::span<const report::SummaryRow> known) {
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
template <class T>
void Comparison<T>::finish(const SeriesState<T>& series, std::vector<report::SurveyRow>& rows,
                           std::span<const report::SummaryRow> fits,
                           std::span<const report::HeldOutFit> held_out) const {
  const Comm& comm = series.groups.own;
  OutputFolder& folder = *series.folder;
  for (report::SurveyRow& row : rows) {
    const auto [mean, error] = report::held_out_loss(held_out, row.facts.k);
    row.facts.held_out_loss = mean;
    row.facts.held_out_error = error;
    if (!arguments_.cnmf_files || !(row.kept > 0)) continue;  // there is no consensus
    write_cnmf_files(comm, folder, series.arguments,
                     {folder_of(series.arguments, row.facts.k) + consensus_name, row.facts.k,
                      arguments_.consensus.density_threshold});
  }
  std::vector<stability::KFacts> facts;
  for (const report::SurveyRow& row : rows) facts.push_back(row.facts);
  const std::vector<stability::Suggestion> suggestions =
      stability::suggestions(facts, arguments_.fit.searched_up_to);
  const std::string path = folder.partial(survey_file), suggested = folder.partial(suggestions_file);
  comm.meet_on_root([&] {
    report::write_text_file(path, report::survey_csv(rows));
    report::write_text_file(suggested, report::suggestions_csv(suggestions));
  });
  if (arguments_.cnmf_files)
    write_cnmf_genes(comm, folder, series.arguments, series.names, series.data.v.columns());
  folder.publish();
  if (comm.is_root()) say(folder.path(), rows, fits, suggestions);
}

/// The fits of one k. Collective in a group.
template <class T>
report::SurveyRow Comparison<T>::compare_one(const SeriesState<T>& series,
                                             const std::vector<report::SummaryRow>& fits) const {
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
  const std::string stem = folder_of(series.arguments, k) + clustering_stem;
  const Agreement agreement = agreement_of_fits(comm);
  comm.meet_on_root([&] { found = stability_of(folders, best, k, agreement, stem); });
  // that there is no gnuplot is said once, of survey.svg
  if (arguments_.fit.talks(comm) && !found.not_drawn.empty() && found.not_drawn != report::no_gnuplot)
    report::note(fmt::format("{}.svg and .png were not drawn: {}", stem, found.not_drawn));
  found.row.fits = static_cast<Index>(fits.size());
  std::sort(losses.begin(), losses.end());
  found.row.best_loss = best_loss;
  found.row.explained_variance = explained_variance;
  found.row.median_loss = (losses[(losses.size() - 1) / 2] + losses[losses.size() / 2]) / 2;
  found.row.facts.error = found.row.median_loss;
  share_spectra(comm, found.spectra, series.data.v.columns());
  if (found.spectra.rows() > 0) {
    const std::string path = folder_of(series.arguments, k) + consensus_name;
    ConsensusFit fit = write_consensus_model(comm, series.arguments, series.data, series.names, path,
                                             {found.spectra.view(), agreement.known});
    found.row.facts.consensus_error = fit.loss;
    found.row.facts.row_errors = std::move(fit.row_errors);
  }
  return found.row;
}

/// Collective in a group.
template <class T>
Agreement Comparison<T>::agreement_of_fits(const Comm& comm) const {
  const FitArguments& fit = arguments_.fit;
  const SumToOne bound = fit.options.sum_to_one;
  Agreement agreement{arguments_.consensus, known_spectra(comm, fit), bound == SumToOne::h};
  // a W that is to be small, or sums up to 1, cannot make up for spectra of another scale than those of the fits
  if (bound != SumToOne::none || fit.options.alpha_w > 0)
    agreement.settings.spectra = stability::Spectra::as_fitted;
  return agreement;
}

template <class T>
void Comparison<T>::say(const std::string& folder, std::span<const report::SurveyRow> rows,
                        std::span<const report::SummaryRow> fits,
                        std::span<const stability::Suggestion> suggestions) const {
  const std::string fault = report::draw_survey(rows, fits, folder + "/" + survey_stem);
  if (arguments_.fit.quiet) return;
  if (!fault.empty()) report::note(fmt::format("survey.svg and survey.png were not drawn: {}", fault));
  fmt::print("\n{}\n", report::survey_table(rows));
  const CrossValidationArguments& cross = arguments_.cross;
  if (cross.is_wanted())
    fmt::print("held out: 1 in {} entries of {}, from {} of each k\n\n", cross.one_in(),
               cross.of == "all" ? "V" : "those stored", report::counted(cross.folds, "fit"));
  fmt::print("{}", report::suggestions_text(suggestions));
}

template class Comparison<float>;
template class Comparison<double>;

}  // namespace mpinmf::cli
