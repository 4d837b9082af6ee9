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

template <class T>
class CrossValidation {
 public:
  explicit CrossValidation(const CrossValidated<T>& fits)
      : comm_(fits.data.v.comm()),
        arguments_(fits.arguments),
        settings_(fits.settings),
        header_(fits.header),
        v_(fits.data.v),
        folder_(fits.folder),
        limits_(fits.limits),
        threads_(threads_for(comm_, arguments_.options.threads)) {
    arguments_.groups = 1;  // one group alone does this, while the others wait
    if (arguments_.input.missing == Missing::none) arguments_.input.missing = Missing::nan;
    Options& options = arguments_.options;
    options.loss.missing = arguments_.input.missing;
    options.extrapolate.reset();
    options.final_w.reset();
    options.normalize = Norm::none;
    options.diagonal = false;
    if (facts_of(options.start).needs_svd) options.start = Start::random;
    found_.fit = identity_but_for_k();
    take_earlier();
  }

  std::vector<report::HeldOutFit> run(std::span<const Index> all_k) {
    for (const Index k : all_k) mean_loss(k);
    say_left_out();
    return found_.fits;
  }

  /// The k around the one that meets held-out entries best, and it.
  std::vector<Index> search() {
    const stability::KSearch found =
        stability::search_components(arguments_.searched_up_to, [&](Index k) { return mean_loss(k); });
    say_left_out();
    std::vector<Index> near;
    std::string tried;
    for (const auto& [k, loss] : found.losses) {
      if (2 * k >= found.best && k <= 2 * found.best) near.push_back(k);
      tried += fmt::format("{}{}", tried.empty() ? "" : ", ", k);
    }
    if (arguments_.talks(comm_))
      fmt::print("held-out entries are met best with k = {}, of k = {}\n", found.best, tried);
    return near;
  }

 private:
  io::Facts identity_but_for_k() const {
    const ResolvedOptions all = resolve(arguments_.options, header_.rows, header_.columns, threads_);
    io::Facts facts = fit_identity(arguments_, all, header_, sizeof(T) == 4);
    std::erase_if(facts, [](const auto& fact) { return fact.first == "k"; });
    append(facts, start_identity(comm_, arguments_.solver));
    append(facts, data_identity(v_));
    append(facts, {{"share held out", fmt::format("1 in {} of {}", settings_.one_in(), settings_.of)},
                   {"limit of iterations", fmt::format("{}", all.max_iterations)},
                   {"tolerance", fmt::format("{}", all.tolerance)}});
    return facts;
  }

  /// Of all folds; NaN: there was no time for one.
  double mean_loss(Index k) {
    for (Index fold = 1; fold <= settings_.folds; ++fold) {
      if (is_known(k, fold)) continue;
      if (is_time_over()) {
        ++left_out_;
        return Cost::unknown;
      }
      fit(k, fold);
    }
    return report::held_out_loss(found_.fits, k).mean;
  }
  void say_left_out() const {
    if (left_out_ > 0 && arguments_.talks(comm_))
      report::note(fmt::format("entries were not held out of the fits of {} k: --max-seconds is over", left_out_));
  }

  /// What --resume finds, or the search for k has left.
  void take_earlier() {
    if (!arguments_.checkpoint.resume && arguments_.searched_up_to == 0) return;
    const std::string path = folder_.path() + "/" + cross_validation_file;
    std::string text;
    comm_.meet_on_root([&] {
      std::error_code ignored;
      if (std::filesystem::exists(path, ignored)) text = report::read_text_file(path);
    });
    comm_.broadcast(text);
    if (text.empty()) return;
    report::CrossValidation earlier;
    comm_.meet([&] { earlier = report::parse_cross_validation(text, path); });
    const std::string difference = io::difference_of(earlier.fit, found_.fit);
    if (difference.empty()) {
      found_.fits = std::move(earlier.fits);
      std::erase_if(found_.fits, [&](const report::HeldOutFit& fit) { return !is_asked_for(fit); });
      return;
    }
    if (arguments_.force) return;
    UsageError error(
        fmt::format("{} is of other fits: {}. Give another --output, or --force to replace it", path, difference));
    error.set_met();
    throw error;
  }
  bool is_asked_for(const report::HeldOutFit& fit) const {
    return fit.fold <= settings_.folds && fit.stop_reason != to_string(StopReason::max_seconds);
  }
  bool is_known(Index k, Index fold) const {
    return std::any_of(found_.fits.begin(), found_.fits.end(),
                       [&](const auto& fit) { return fit.components == k && fit.fold == fold; });
  }
  bool is_time_over() const {
    double over = limits_.seconds_since_start() >= arguments_.options.max_seconds ? 1 : 0;
    comm_.broadcast_value(over);
    return over != 0;
  }

  void fit(Index k, Index fold) {
    Options options = arguments_.options;
    options.components = k;
    const Holdout holdout{options.seed.key(), settings_.one_in(), fold - 1, settings_.of == "stored"};
    const DataMatrix<T> seen = v_.without(holdout, arguments_.input.missing, threads_.threads);
    const DataMatrix<T> held = v_.only(holdout, threads_.threads);
    Warnings warnings(comm_, true, fmt::format("k = {}, fold {}: ", k, fold));  // the loss tells
    const std::string name = fmt::format("{}/fold{}", components_folder(k), fold);
    FitCheckpoints<T> checkpoints(arguments_, seen, limits_, arguments_.checkpoint_folder() + "/" + name,
                                  warnings);
    io::Facts facts = found_.fit;
    facts.emplace_back("k", fmt::format("{}", k));
    facts.emplace_back("fold", fmt::format("{}", fold));
    checkpoints.open(facts);
    Nmf<T> model(options);
    fit_model(arguments_, seen, checkpoints, model, warnings);
    if (model.stop_reason() == StopReason::request) checkpoints.leave(model);
    limits_.note_fit();
    const DataSummary& all = v_.summary();
    const double known = settings_.of == "stored"
                             ? static_cast<double>(all.stored - all.unknown)
                             : static_cast<double>(v_.rows_global()) * static_cast<double>(v_.columns()) -
                                   static_cast<double>(all.unknown);
    const double loss = mean_divergence_at<T>(held, model.w(), model.ht(), facts_of(options.loss).beta.value_or(2),
                                              least_share_of_mean * all.sum / known);
    found_.fits.push_back(
        {k, fold, held.summary().stored, loss, model.iterations(), to_string(model.stop_reason())});
    write();
    if (model.stop_reason() != StopReason::max_seconds) checkpoints.forget();
    if (!arguments_.talks(comm_)) return;
    fmt::print("k = {}, fold {}: mean loss of {} held-out entries {:.6g}, after {}\n", k, fold,
               held.summary().stored, loss, report::counted(model.iterations(), "iteration"));
    std::fflush(stdout);
  }

  void write() {
    const std::string path = folder_.partial(cross_validation_file);
    comm_.meet_on_root([&] { report::write_text_file(path, report::cross_validation_json(found_)); });
    folder_.publish();
  }

  Comm comm_;
  FitArguments arguments_;
  const CrossValidationArguments& settings_;
  const MatrixHeader& header_;
  const DataMatrix<T>& v_;
  OutputFolder& folder_;
  RunLimits& limits_;
  ThreadPlan threads_;
  report::CrossValidation found_;
  Index left_out_ = 0;  // k for which there was no time
};

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
std::vector<report::HeldOutFit> cross_validate(const CrossValidated<T>& fits, std::span<const Index> all_k) {
  return CrossValidation<T>(fits).run(all_k);
}

template <class T>
std::vector<Index> search_components(const CrossValidated<T>& fits) {
  return CrossValidation<T>(fits).search();
}

template std::vector<report::HeldOutFit> cross_validate(const CrossValidated<float>&, std::span<const Index>);
template std::vector<report::HeldOutFit> cross_validate(const CrossValidated<double>&, std::span<const Index>);
template std::vector<Index> search_components(const CrossValidated<float>&);
template std::vector<Index> search_components(const CrossValidated<double>&);

}  // namespace mpinmf::cli
