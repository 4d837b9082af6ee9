#include "series.hpp"

#include <fmt/format.h>

#include <optional>

#include "checkpoints.hpp"
#include "cli/command.hpp"
#include "data.hpp"
#include "group_jobs.hpp"
#include "identity.hpp"
#include "losses/loss_table.hpp"
#include "machine/threads.hpp"
#include "one_fit.hpp"
#include "report/counted.hpp"
#include "report/finished_run.hpp"
#include "report/say.hpp"
#include "results.hpp"
#include "seeds.hpp"
#include "series_summary.hpp"

namespace mpinmf::cli {
namespace {

template <class T>
class Series {
 public:
  Series(const Comm& comm, const FitArguments& arguments, const MatrixHeader& header, const DataNames& names,
         const SeriesHooks<T>& hooks)
      : groups_(comm, arguments.groups),
        comm_(groups_.own),
        arguments_(arguments),
        header_(header),
        names_(names),
        hooks_(hooks),
        limits_(comm, arguments),
        threads_(threads_for(comm, arguments.options.threads)),
        summary_(comm_, arguments_) {
    while (arguments_.output.size() > 1 && arguments_.output.back() == '/') arguments_.output.pop_back();
    if (groups_.count == 1) return;
    arguments_.options.threads = threads_.threads;  // a group does not see the other ranks of its host
    comm.meet_groups(comm_, [&] { names_ = DataNames(comm_, arguments_.input, header_.rows, header_.columns); });
  }

  void run() {
    Options largest = arguments_.options;
    largest.components = arguments_.most_components();
    BeforeReading found = check_before_reading<T>(groups_.all, arguments_, chosen(largest), header_);
    groups_.in_first([&] {
      if (arguments_.writes())
        folder_.emplace(comm_, arguments_.output, results_of_series<T>(arguments_, header_));
    });
    if (groups_.count > 1) found.how.group = comm_;
    const FitData<T> data = read_data<T>(groups_.all, arguments_, threads_, found);
    if (arguments_.checkpoint.wanted) {
      data_facts_ = file_identity(groups_.all, arguments_);
      append(data_facts_, data_identity(data.v));
    }
    if (hooks_.choose_components) choose_components(data);
    groups_.in_first([&] { say_what_is_fitted(data); });
    if (groups_.count > 1) fit_in_groups(data);
    groups_.in_first([&] { finish(data); });
    if (hooks_.at_end && arguments_.writes()) hooks_.at_end(state(data), summary_.rows());
    if (arguments_.talks(groups_.all) && folder_) fmt::print("results: {}\n", folder_->path());
  }

 private:
  /// Fits what is left to fit, or gathers what groups have fitted.
  void finish(const FitData<T>& data) {
    for (const Index k : arguments_.components) fit_all_seeds(data, k);
    if (folder_) summary_.draw(*folder_);
    if (arguments_.talks(comm_) && left_out_ > 0)
      report::note(fmt::format("{} left out: --max-seconds is over", report::counted(left_out_, "fit")));
  }

  SeriesState<T> state(const FitData<T>& data) {
    return {arguments_, groups_, data, names_, folder_ ? &*folder_ : nullptr, limits_};
  }

  void choose_components(const FitData<T>& data) {
    groups_.in_first([&] {
      if (!arguments_.checkpoint.resume) folder_->remove_older();
    });
    has_written_ = true;
    arguments_.components = hooks_.choose_components(state(data));
    arguments_.components_text = fmt::format("{}", fmt::join(arguments_.components, ","));
  }

  /// Every fit that has not ended yet, by whichever group is free. Each leaves its folder and no more; what all of
  /// them make is gathered from there, as by --resume.
  void fit_in_groups(const FitData<T>& data) {
    std::vector<Options> fits;
    for (const Index k : arguments_.components) {
      for (const Options& options : fits_of(arguments_, k)) fits.push_back(options);
    }
    std::vector<std::uint8_t> is_done(fits.size());
    groups_.in_first([&] {
      for (std::size_t i = 0; i < fits.size(); ++i) is_done[i] = finished(fits[i]) ? 1 : 0;
      if (!arguments_.checkpoint.resume && !has_written_) folder_->remove_older();
    });
    groups_.all.broadcast(std::span(is_done));
    std::vector<GroupJob> jobs;
    for (std::size_t i = 0; i < fits.size(); ++i) {
      if (is_done[i] == 0) jobs.push_back({static_cast<Index>(i), static_cast<double>(fits[i].components)});
    }
    has_written_ = true;
    const auto count = static_cast<Index>(fits.size());
    if (hooks_.more_jobs) {
      for (const GroupJob& job : hooks_.more_jobs(state(data))) jobs.push_back({count + job.number, job.cost});
    }
    do_in_groups(groups_, std::move(jobs), limits_, arguments_.talks(groups_.all), [&](Index i) {
      if (is_time_over()) return;
      if (i >= count) return hooks_.do_job(state(data), i - count);
      fit(data, fits[static_cast<std::size_t>(i)]);  // k never rises from fit to fit
    });
    summary_.clear();
    arguments_.checkpoint.resume = true;
    arguments_.groups = 1;  // the first is alone from here on
    is_gathering_ = true;
  }

  void say_what_is_fitted(const FitData<T>& data) {
    if (!arguments_.talks(comm_)) return;
    std::string what =
        fmt::format("k = {}; {}", arguments_.components_text, report::counted(arguments_.restarts, "seed"));
    if (groups_.count > 1) what += fmt::format("; each of {} groups", groups_.count);
    fmt::print("{}", data_line(data.v, what, threads_));
    fmt::print("loss: {}; * marks the best seed of each k\n{}", arguments_.options.loss.name(),
               report::summary_head());
  }

  void fit_all_seeds(const FitData<T>& data, Index k) {
    const std::size_t first = summary_.rows().size();
    for (const Options& options : fits_of(arguments_, k)) {
      if (take_finished(data, options)) continue;
      if (is_gathering_ || is_time_over()) {
        ++left_out_;
      } else {
        fit(data, options);
      }
    }
    if (!arguments_.talks(comm_)) return;
    for (const report::SummaryRow& row : summary_.rows().subspan(first))
      fmt::print("{}", report::summary_line(row));
    std::fflush(stdout);  // the next k may take hours
  }

  std::string path_of(const Options& options) const {
    return arguments_.output + "/" + series_folder(options.components, options.seed);
  }
  std::string checkpoints_of(const Options& options) const {
    if (!arguments_.checkpoint.wanted) return "";
    return arguments_.checkpoint_folder() + "/" + series_folder(options.components, options.seed);
  }
  FitCheckpoints<T> checkpoints(const FitData<T>& data, const Options& options, Warnings& warnings) {
    return {arguments_, data.v, limits_, checkpoints_of(options), warnings};
  }
  Warnings warnings_of(const Options& options) const {
    return {comm_, arguments_.quiet, fmt::format("k = {}, seed {}: ", options.components, options.seed.text())};
  }
  /// Of one that ran out of time the checkpoints are kept: with more of it, it goes on.
  static bool may_go_on(const std::string& stop_reason) {
    return stop_reason == to_string(StopReason::max_seconds);
  }
  ResolvedOptions chosen(const Options& options) const {
    return resolve(options, header_.rows, header_.columns, threads_);
  }
  io::Facts identity(const ResolvedOptions& options) const {
    io::Facts facts = fit_identity(arguments_, options, header_, sizeof(T) == 4);
    append(facts, data_facts_);
    return facts;
  }
  bool is_time_over() const { return limits_.is_over(comm_, arguments_.options.max_seconds); }

  /// --resume: what a fit has left that has its results already.
  std::optional<report::FinishedRun> finished(const Options& options) const {
    if (!arguments_.writes()) return {};
    const ResolvedOptions all = chosen(options);
    auto run = earlier_run(comm_, arguments_, path_of(options), identity(all));
    const std::vector<std::string> wanted =
        arguments_.keeps_strongest ? std::vector<std::string>{strongest_file} : std::vector<std::string>{};
    return run && report::is_finished(*run, all, wanted) ? std::move(run) : std::nullopt;
  }
  /// It stands in the summary without being fitted again.
  bool take_finished(const FitData<T>& data, const Options& options) {
    const auto run = finished(options);
    if (!run) return false;
    // a run may have been killed before it did so
    Warnings warnings = warnings_of(options);
    if (!may_go_on(run->row.stop_reason)) checkpoints(data, options, warnings).forget();
    report::SummaryRow row = run->row;
    set_explained_variance(data, row);
    summary_.add(row, path_of(options));
    summary_.write(*folder_);
    return true;
  }

  void fit(const FitData<T>& data, const Options& options) {
    const auto begin = FitClock::now();
    Nmf<T> model(options);
    Warnings warnings = warnings_of(options);
    FitCheckpoints<T> checkpoints = this->checkpoints(data, options, warnings);
    checkpoints.open(identity(chosen(options)));
    {
      const std::optional<DataMatrix<T>> noisy = with_noise(arguments_, data.v, options.seed);
      fit_model(arguments_, noisy ? *noisy : data.v, checkpoints, model, warnings);
    }
    const bool is_stopped = model.stop_reason() == StopReason::request;
    if (is_stopped && arguments_.checkpoint.wanted) checkpoints.leave(model);
    limits_.note_fit();
    const report::SummaryRow row = row_of(data, model, seconds_since(begin));
    if (!arguments_.writes()) {
      summary_.add(row, "");
    } else {
      if (!has_written_ && !arguments_.checkpoint.resume) folder_->remove_older();
      has_written_ = true;
      write(data, model, checkpoints, warnings, row);
      if (!may_go_on(to_string(model.stop_reason()))) checkpoints.forget();
    }
    if (is_stopped) checkpoints.leave(model);
  }

  report::SummaryRow row_of(const FitData<T>& data, const Nmf<T>& model, double seconds) const {
    report::SummaryRow row;
    row.components = model.options().components;
    row.seed = model.options().seed.text();
    row.cost = model.cost();
    set_explained_variance(data, row);
    row.iterations = model.iterations();
    row.seconds = seconds;
    row.stop_reason = to_string(model.stop_reason());
    return row;
  }
  void set_explained_variance(const FitData<T>& data, report::SummaryRow& row) const {
    if (arguments_.noise) return;  // the loss is that of a V which differs from fit to fit
    const double norm = data.v.summary().sum_squares;
    if (facts_of(arguments_.options.loss).is_half_square_norm)
      row.explained_variance = norm > 0 ? 1 - 2 * row.cost.loss / norm : 1;
  }

  /// Its folder; `row`: of the fit.
  void write(const FitData<T>& data, const Nmf<T>& model, const FitCheckpoints<T>& checkpoints,
             const Warnings& warnings, const report::SummaryRow& row) {
    const auto write_begin = FitClock::now();
    const Options& options = model.options();
    const bool with_w = arguments_.writes_w() && summary_.is_best(row);
    const std::string path = path_of(options);
    report::RunFacts facts = fit_facts(arguments_, data, model, warnings);
    checkpoints.describe(facts);
    {
      OutputFolder own(comm_, path, fit_results<T>(arguments_, header_, options.components, with_w));
      write_factors(comm_, own, arguments_, model, names_, with_w, facts);
      facts.write_seconds = seconds_since(write_begin);
      // read once, and part of each fit
      facts.total_seconds = facts.read_seconds + row.seconds + seconds_since(write_begin);
      publish_fit(comm_, own, facts);
    }
    summary_.add(row, path);  // only now: there is a W at any moment
    // after each fit: it may have taken hours, and the next one may be the last that there is time for
    if (arguments_.groups == 1) summary_.write(*folder_);
  }

  Groups groups_;
  Comm comm_;  // of this rank's group
  FitArguments arguments_;
  MatrixHeader header_;
  DataNames names_;
  const SeriesHooks<T>& hooks_;
  RunLimits limits_;
  ThreadPlan threads_;
  std::optional<OutputFolder> folder_;  // in the first group
  io::Facts data_facts_;                // with checkpoints only
  SeriesSummary summary_;
  bool has_written_ = false, is_gathering_ = false;
  Index left_out_ = 0;
};

}  // namespace

template <class T>
void run_series(const Comm& comm, const FitArguments& arguments, const MatrixHeader& header,
                const DataNames& names, const SeriesHooks<T>& hooks) {
  require_no_other_fits(comm, arguments);
  Series<T>(comm, arguments, header, names, hooks).run();
}

template void run_series<float>(const Comm&, const FitArguments&, const MatrixHeader&, const DataNames&,
                                const SeriesHooks<float>&);
template void run_series<double>(const Comm&, const FitArguments&, const MatrixHeader&, const DataNames&,
                                 const SeriesHooks<double>&);

}  // namespace mpinmf::cli
