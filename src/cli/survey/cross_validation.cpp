#include "cross_validation.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "api/evaluate.hpp"
#include "cli/fit/identity.hpp"
#include "cli/fit/one_fit.hpp"
#include "cli/fit/results.hpp"
#include "init/start_table.hpp"
#include "losses/loss_table.hpp"
#include "machine/threads.hpp"
#include "report/counted.hpp"
#include "report/say.hpp"
#include "report/text_file.hpp"
#include "stability/search.hpp"

namespace mpinmf::cli {
namespace {

/// In units of the mean of V, what a model's entry counts as at least where the loss of a 0 would be infinite.
constexpr double least_share_of_mean = 1e-3;

/// `arguments` of the fits that see all, as those have them that do not.
FitArguments with_unseen(FitArguments arguments) {
  if (arguments.input.missing == Missing::none) arguments.input.missing = Missing::nan;
  Options& options = arguments.options;
  options.loss.missing = arguments.input.missing;
  options.extrapolate.reset();
  options.final_w.reset();
  options.normalize = Norm::none;
  options.diagonal = false;
  if (facts_of(options.start).needs_svd) options.start = Start::random;
  return arguments;
}

/// Of the entries that may be held out; as V is scaled for weights of rows or columns.
template <class T>
double mean_of(const DataMatrix<T>& v, bool of_stored) {
  const DataSummary& all = v.summary();
  const double known = v.scales() != nullptr ? v.scales()->known
                       : of_stored           ? static_cast<double>(all.stored - all.unknown)
                                   : static_cast<double>(v.rows_global()) * static_cast<double>(v.columns()) -
                                         static_cast<double>(all.unknown);
  return all.sum / known;
}

bool is_out_of_time(const report::HeldOutFit& fit) {
  return fit.stop_reason == to_string(StopReason::max_seconds);
}

void say_left_out(const Comm& comm, const FitArguments& arguments, Index count) {
  if (count > 0 && arguments.talks(comm))
    report::note(fmt::format("entries were not held out of the fits of {} k: --max-seconds is over", count));
}

}  // namespace

void CrossValidationArguments::check() const {
  if (!is_wanted()) return;
  if (!(share > 0 && share <= 0.5))
    throw UsageError(
        fmt::format("--holdout is a share of the entries of V, more than 0 and at most 0.5, not {}", share));
  if (folds < 1 || folds > one_in())
    throw UsageError(fmt::format("--folds {}: with --holdout {} there are 1 to {}", folds, share, one_in()));
}

Index CrossValidationArguments::one_in() const {
  return static_cast<Index>(std::lround(1 / share));
}

template <class T>
void CrossValidation<T>::begin(const SeriesState<T>& series) {
  if (arguments_) return;
  series.groups.all.meet_groups(series.groups.own, [&] {
    const Comm& comm = series.groups.own;
    const FitArguments& a = arguments_.emplace(with_unseen(series.arguments));
    const ResolvedOptions all =
        resolve(a.options, header_.rows, header_.columns, threads_for(comm, a.options.threads));
    found_.fit = fit_identity(a, all, header_, sizeof(T) == 4);
    std::erase_if(found_.fit, [](const auto& fact) { return fact.first == "k"; });
    append(found_.fit, file_identity(comm, a));
    append(found_.fit, data_identity(series.data.v));
    append(found_.fit, {{"share held out", fmt::format("1 in {} of {}", settings_.one_in(), settings_.of)},
                        {"limit of iterations", fmt::format("{}", all.max_iterations)},
                        {"tolerance", fmt::format("{}", all.tolerance)}});
    if (a.checkpoint.resume && series.groups.is_first()) gather(series, true);
  });
  share(series);
}

/// What the first group knows becomes everybody's.
template <class T>
void CrossValidation<T>::share(const SeriesState<T>& series) {
  const Comm& comm = series.groups.all;
  std::string text = report::cross_validation_json(found_);
  comm.broadcast(text);
  comm.meet([&] { found_ = report::parse_cross_validation(text, cross_validation_file); });
}

/// The first group takes what others have left; what a run before has, too, if this one `resumes`.
template <class T>
void CrossValidation<T>::gather(const SeriesState<T>& series, bool resumes) {
  const Comm& comm = series.groups.own;
  const std::string& folder = series.folder->path();
  double has_more = 0;
  comm.meet_on_root([&] {
    std::vector<std::filesystem::path> files = cross_validations_of_groups(folder);
    has_more = files.empty() ? 0 : 1;
    std::error_code ignored;
    const std::filesystem::path whole = std::filesystem::path(folder) / cross_validation_file;
    if (resumes && std::filesystem::exists(whole, ignored)) files.insert(files.begin(), whole);
    for (const auto& file : files) take(file.string(), resumes);
  });
  std::string text = report::cross_validation_json(found_);
  comm.broadcast(text);
  comm.meet([&] { found_ = report::parse_cross_validation(text, folder); });
  comm.broadcast_value(has_more);
  if (has_more == 0) return;
  write(series);
  comm.meet_on_root([&] {
    std::error_code ignored;
    for (const auto& file : cross_validations_of_groups(folder)) std::filesystem::remove(file, ignored);
  });
}

/// Adds what a file has and this group does not know. On the root.
template <class T>
void CrossValidation<T>::take(const std::string& path, bool resumes) {
  report::CrossValidation more = report::parse_cross_validation(report::read_text_file(path), path);
  const std::string difference = io::difference_of(more.fit, found_.fit);
  if (!difference.empty()) {
    if (arguments_->force) return;
    throw UsageError(
        fmt::format("{} is of other fits: {}. Give another --output, or --force to replace it", path, difference));
  }
  for (report::HeldOutFit& fit : more.fits) {
    if (fit.fold > settings_.folds || is_known(fit.components, fit.fold)) continue;
    if (!(resumes && is_out_of_time(fit))) add(std::move(fit));
  }
}

template <class T>
void CrossValidation<T>::add(report::HeldOutFit fit) {
  const auto place =
      std::upper_bound(found_.fits.begin(), found_.fits.end(), fit, [](const auto& a, const auto& b) {
        return std::pair(a.components, a.fold) < std::pair(b.components, b.fold);
      });
  found_.fits.insert(place, std::move(fit));
}

template <class T>
bool CrossValidation<T>::is_known(Index k, Index fold) const {
  return std::any_of(found_.fits.begin(), found_.fits.end(),
                     [&](const auto& fit) { return fit.components == k && fit.fold == fold; });
}

template <class T>
std::vector<GroupJob> CrossValidation<T>::jobs(const SeriesState<T>& series, std::span<const Index> all_k) {
  begin(series);
  jobs_.clear();
  std::vector<GroupJob> jobs;
  for (const Index k : all_k) {
    for (Index fold = 1; fold <= settings_.folds; ++fold) {
      if (is_known(k, fold)) continue;
      jobs.push_back({static_cast<Index>(jobs_.size()), static_cast<double>(k)});
      jobs_.push_back({k, fold});
    }
  }
  return jobs;
}

template <class T>
std::vector<Index> CrossValidation<T>::search(const SeriesState<T>& series) {
  Index left_out = 0;
  const stability::KSearch found = stability::search_components(series.arguments.searched_up_to, [&](Index k) {
    do_all(series, jobs(series, {&k, 1}));
    if (is_complete(k)) return report::held_out_loss(found_.fits, k).mean;
    ++left_out;
    return Cost::unknown;
  });
  say_left_out(series.groups.all, *arguments_, left_out);
  std::vector<Index> near;
  std::string tried;
  for (const auto& [k, loss] : found.losses) {
    if (2 * k >= found.best && k <= 2 * found.best) near.push_back(k);
    tried += fmt::format("{}{}", tried.empty() ? "" : ", ", k);
  }
  if (arguments_->talks(series.groups.all))
    fmt::print("held-out entries are met best with k = {}, of k = {}\n", found.best, tried);
  return near;
}

/// Collective over all ranks.
template <class T>
void CrossValidation<T>::do_all(const SeriesState<T>& series, const std::vector<GroupJob>& jobs) {
  const Groups& groups = series.groups;
  const auto fit_in_time = [&](Index number) {
    if (!series.limits.is_over(groups.own, arguments_->options.max_seconds)) fit(series, number);
  };
  if (groups.count == 1) {
    for (const GroupJob& job : jobs) fit_in_time(job.number);
    return;
  }
  do_in_groups(groups, jobs, series.limits, arguments_->talks(groups.all), fit_in_time);
  groups.in_first([&] { gather(series, false); });
  share(series);
}

template <class T>
const std::vector<report::HeldOutFit>& CrossValidation<T>::finish(const SeriesState<T>& series,
                                                                  std::span<const Index> all_k) {
  if (series.groups.count == 1) {
    do_all(series, jobs(series, all_k));
  } else {
    gather(series, false);
  }
  arguments_->groups = 1;  // the first is alone now
  for (const report::HeldOutFit& fit : found_.fits) {
    // a run may have been killed before it did so
    Warnings warnings(series.groups.own, true);
    if (!is_out_of_time(fit)) checkpoints(series, series.data.v, {fit.components, fit.fold}, warnings).forget();
  }
  say_left_out(series.groups.own, *arguments_,
               std::count_if(all_k.begin(), all_k.end(), [&](Index k) { return !is_complete(k); }));
  return found_.fits;
}

template <class T>
bool CrossValidation<T>::is_complete(Index k) const {
  for (Index fold = 1; fold <= settings_.folds; ++fold) {
    if (!is_known(k, fold)) return false;
  }
  return true;
}

template <class T>
FitCheckpoints<T> CrossValidation<T>::checkpoints(const SeriesState<T>& series, const DataMatrix<T>& v,
                                                  const Fold& fold, Warnings& warnings) const {
  const std::string name = fmt::format("{}/fold{}", components_folder(fold.k), fold.number);
  return {*arguments_, v, series.limits, arguments_->checkpoint_folder() + "/" + name, warnings};
}

template <class T>
void CrossValidation<T>::fit(const SeriesState<T>& series, Index number) {
  const Fold& fold = jobs_[static_cast<std::size_t>(number)];
  const DataMatrix<T>& v = series.data.v;
  Options options = arguments_->options;
  options.components = fold.k;
  const Holdout holdout{options.seed.key(), settings_.one_in(), fold.number - 1, settings_.of == "stored"};
  const int threads = threads_for(v.comm(), options.threads).threads;
  const DataMatrix<T> seen = v.without(holdout, arguments_->input.missing, threads);
  const DataMatrix<T> held = v.only(holdout, threads);
  Warnings warnings(v.comm(), true, fmt::format("k = {}, fold {}: ", fold.k, fold.number));  // the loss tells
  FitCheckpoints<T> checkpoints = this->checkpoints(series, seen, fold, warnings);
  io::Facts facts = found_.fit;
  append(facts, {{"k", fmt::format("{}", fold.k)}, {"fold", fmt::format("{}", fold.number)}});
  checkpoints.open(facts);
  Nmf<T> model(options);
  fit_model(*arguments_, seen, checkpoints, model, warnings);
  if (model.stop_reason() == StopReason::request) checkpoints.leave(model);
  series.limits.note_fit();
  const double loss = mean_divergence_at<T>(held, model.w(), model.ht(), facts_of(options.loss).beta.value_or(2),
                                            least_share_of_mean * mean_of(v, settings_.of == "stored"));
  const Index entries = held.summary().stored;
  add({fold.k, fold.number, entries, loss, model.iterations(), to_string(model.stop_reason())});
  write(series);
  if (model.stop_reason() != StopReason::max_seconds) checkpoints.forget();
  if (series.groups.count > 1 || !arguments_->talks(v.comm())) return;
  fmt::print("k = {}, fold {}: mean loss of {} held-out entries {:.6g}, after {}\n", fold.k, fold.number, entries,
             loss, report::counted(model.iterations(), "iteration"));
  std::fflush(stdout);
}

/// What this group knows. Collective in the group.
template <class T>
void CrossValidation<T>::write(const SeriesState<T>& series) const {
  const Comm& comm = series.groups.own;
  const std::string text = report::cross_validation_json(found_);
  if (!series.groups.is_first()) {
    const std::string path = arguments_->output + "/" + cross_validation_file_of(series.groups.number);
    comm.meet_on_root([&] { report::replace_text_file(path, text); });
    return;
  }
  const std::string path = series.folder->partial(cross_validation_file);
  comm.meet_on_root([&] { report::write_text_file(path, text); });
  series.folder->publish();
}

template class CrossValidation<float>;
template class CrossValidation<double>;

}  // namespace mpinmf::cli
