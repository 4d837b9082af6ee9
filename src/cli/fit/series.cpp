#include "series.hpp"

#include <fmt/core.h>

#include <filesystem>
#include <optional>

#include "checkpoints.hpp"
#include "cli/command.hpp"
#include "data.hpp"
#include "identity.hpp"
#include "losses/loss_table.hpp"
#include "machine/threads.hpp"
#include "one_fit.hpp"
#include "report/counted.hpp"
#include "report/finished_run.hpp"
#include "report/say.hpp"
#include "report/summary.hpp"
#include "report/text_file.hpp"
#include "results.hpp"

namespace mpinmf::cli {
namespace {

template <class T>
class Series {
 public:
  Series(const Comm& comm, const FitArguments& arguments, const MatrixHeader& header, const DataNames& names,
         const SeriesEnd<T>& at_end)
      : comm_(comm),
        arguments_(arguments),
        header_(header),
        names_(names),
        at_end_(at_end),
        limits_(comm, arguments),
        threads_(threads_for(comm, arguments.options.threads)) {}

  void run() {
    Options largest = arguments_.options;
    largest.components = arguments_.most_components();
    const BeforeReading found = check_before_reading<T>(comm_, arguments_, chosen(largest), header_);
    if (arguments_.writes()) folder_.emplace(comm_, arguments_.output, results_of_all());
    const FitData<T> data = read_data<T>(comm_, arguments_, threads_, found);
    if (arguments_.checkpoint.wanted) {
      data_facts_ = start_identity(comm_, arguments_.solver);
      append(data_facts_, data_identity(data.v));
    }
    say_what_is_fitted(data);
    for (const Index k : arguments_.components) fit_all_seeds(data, k);
    if (folder_) draw_summary();
    if (arguments_.talks(comm_) && left_out_ > 0)
      report::note(fmt::format("{} left out: --max-seconds is over", report::counted(left_out_, "fit")));
    if (at_end_ && folder_) at_end_(data, *folder_, rows_, limits_);
    if (!arguments_.talks(comm_)) return;
    if (folder_) fmt::print("results: {}\n", folder_->path());
  }

 private:
  /// The fit of one k that minimised most so far, with its W on disk.
  struct Best {
    std::size_t row;
    double minimised;
    std::string path;
  };

  double bytes_of_w(Index k) const {
    return static_cast<double>(k) * sizeof(T) * static_cast<double>(header_.rows);
  }

  OutputFolder::Results results_of_all() const {
    OutputFolder::Results all = fit_results<T>(arguments_, header_, 0, false);
    for (const Index k : arguments_.components) {
      all.bytes += static_cast<double>(arguments_.restarts) * fit_results<T>(arguments_, header_, k, false).bytes;
      if (arguments_.writes_w()) all.bytes += bytes_of_w(k);
    }
    // for a moment the best W and the one that it replaces
    if (arguments_.writes_w() && arguments_.restarts > 1) all.bytes += bytes_of_w(arguments_.most_components());
    return all;
  }

  void say_what_is_fitted(const FitData<T>& data) {
    if (!arguments_.talks(comm_)) return;
    const std::string what = fmt::format("k = {}; {} seed{}", arguments_.components_text, arguments_.restarts,
                                         arguments_.restarts == 1 ? "" : "s");
    fmt::print("{}", data_line(data.v, what, threads_));
    fmt::print("loss: {}; * marks the best seed of each k\n{}", arguments_.options.loss.name(),
               report::summary_head());
  }

  void fit_all_seeds(const FitData<T>& data, Index k) {
    const std::size_t first = rows_.size();
    best_.reset();
    for (Index i = 0; i < arguments_.restarts; ++i) {
      Options options = arguments_.options;
      options.components = k;
      options.seed = arguments_.options.seed.plus(static_cast<std::uint32_t>(i));
      if (take_finished(data, options)) continue;
      if (is_time_over()) {
        ++left_out_;
      } else {
        fit(data, options);
      }
    }
    if (!arguments_.talks(comm_)) return;
    for (std::size_t r = first; r < rows_.size(); ++r) fmt::print("{}", report::summary_line(rows_[r]));
    std::fflush(stdout);  // the next k may take hours
  }

  std::string path_of(const Options& options) const {
    return folder_->path() + "/" + series_folder(options.components, options.seed);
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
  bool is_time_over() const {
    double over = limits_.seconds_since_start() >= arguments_.options.max_seconds ? 1 : 0;
    comm_.broadcast_value(over);
    return over != 0;
  }

  /// --resume: a fit that has its results already stands in the summary without being fitted again.
  bool take_finished(const FitData<T>& data, const Options& options) {
    if (!folder_) return false;
    const ResolvedOptions all = chosen(options);
    const auto run = earlier_run(comm_, arguments_, path_of(options), identity(all));
    const std::vector<std::string> wanted =
        arguments_.keeps_strongest ? std::vector<std::string>{strongest_file} : std::vector<std::string>{};
    if (!run || !report::is_finished(*run, all, wanted)) return false;
    // a run may have been killed before it did so
    Warnings warnings = warnings_of(options);
    if (!may_go_on(run->row.stop_reason)) checkpoints(data, options, warnings).forget();
    report::SummaryRow row = run->row;
    set_explained_variance(data, row);
    rows_.push_back(row);
    take_as_best(path_of(options));
    write_summary();
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
    add_row(data, model, seconds_since(begin));
    if (folder_) {
      if (!has_written_ && !arguments_.checkpoint.resume) folder_->remove_older();
      has_written_ = true;
      write(data, model, checkpoints, warnings, begin);
      if (!may_go_on(to_string(model.stop_reason()))) checkpoints.forget();
    }
    if (is_stopped) checkpoints.leave(model);
  }

  void add_row(const FitData<T>& data, const Nmf<T>& model, double seconds) {
    report::SummaryRow row;
    row.components = model.options().components;
    row.seed = model.options().seed.text();
    row.cost = model.cost();
    set_explained_variance(data, row);
    row.iterations = model.iterations();
    row.seconds = seconds;
    row.stop_reason = to_string(model.stop_reason());
    rows_.push_back(row);
    if (!folder_) take_as_best("");
  }
  void set_explained_variance(const FitData<T>& data, report::SummaryRow& row) const {
    if (arguments_.noise) return;  // the loss is that of a V which differs from fit to fit
    const double norm = data.v.summary().sum_squares;
    if (facts_of(arguments_.options.loss).is_half_square_norm)
      row.explained_variance = norm > 0 ? 1 - 2 * row.cost.loss / norm : 1;
  }

  bool is_best(const report::SummaryRow& row) const { return !best_ || report::minimised(row) < best_->minimised; }

  /// The newest row, whose results are in `path`: marks and links it if it is the best, and leaves W to the best
  /// alone.
  void take_as_best(const std::string& path) {
    const bool best = is_best(rows_.back());
    rows_.back().best = best;
    const std::string beaten = best ? (best_ ? best_->path : "") : path;
    if (best && best_) rows_[best_->row].best = false;
    if (best) best_ = Best{rows_.size() - 1, report::minimised(rows_.back()), path};
    if (best && !path.empty()) comm_.meet_on_root([&] { link_best(path); });
    if (!beaten.empty()) remove_w(beaten);
  }

  void write(const FitData<T>& data, const Nmf<T>& model, const FitCheckpoints<T>& checkpoints,
             const Warnings& warnings, FitClock::time_point begin) {
    const auto write_begin = FitClock::now();
    const Options& options = model.options();
    const bool with_w = arguments_.writes_w() && is_best(rows_.back());
    const std::string path = path_of(options);
    report::RunFacts facts = fit_facts(arguments_, data, model, warnings);
    checkpoints.describe(facts);
    {
      OutputFolder own(comm_, path, fit_results<T>(arguments_, header_, options.components, with_w));
      write_factors(comm_, own, arguments_, model, names_, with_w, facts);
      facts.write_seconds = seconds_since(write_begin);
      facts.total_seconds = facts.read_seconds + seconds_since(begin);  // read once, and part of each fit
      publish_fit(comm_, own, facts);
    }
    take_as_best(path);  // only now: there is a W at any moment
    write_summary();
  }

  /// What only the fit with W has, W.npy last.
  std::vector<std::string> files_with_w() const {
    std::vector<std::string> of_w = added_files(arguments_.factors, true);
    of_w.insert(of_w.end(), {report::row_names_file, "W.npy"});
    return of_w;
  }

  void remove_w(const std::string& path) {
    comm_.meet_on_root([&] {
      std::error_code ignored;
      if (!std::filesystem::exists(path + "/W.npy", ignored)) return;
      const std::string json = path + "/run.json";
      std::string record = report::read_text_file(json);
      const std::vector<std::string> of_w = files_with_w();
      for (const std::string& name : of_w) record = report::without_written(record, name);
      report::replace_text_file(json, record);
      for (const std::string& name : of_w) std::filesystem::remove(path + "/" + name, ignored);
    });
  }

  /// After each fit: it may have taken hours, and the next one may be the last that there is time for.
  void write_summary() {
    const std::string path = folder_->partial("summary.csv");
    comm_.meet_on_root([&] { report::write_text_file(path, report::summary_csv(rows_)); });
    folder_->publish();
  }

  void draw_summary() const {
    if (!comm_.is_root()) return;
    const std::string fault = report::draw_summary(rows_, folder_->path() + "/summary");
    if (!fault.empty() && arguments_.talks(comm_)) {
      report::note(fmt::format("summary.svg and summary.png were not drawn: {}", fault));
    }
  }

  Comm comm_;
  const FitArguments& arguments_;
  MatrixHeader header_;
  const DataNames& names_;
  const SeriesEnd<T>& at_end_;
  RunLimits limits_;
  ThreadPlan threads_;
  std::optional<OutputFolder> folder_;
  io::Facts data_facts_;  // with checkpoints only
  std::vector<report::SummaryRow> rows_;
  std::optional<Best> best_;
  bool has_written_ = false;
  Index left_out_ = 0;
};

}  // namespace

template <class T>
void run_series(const Comm& comm, const FitArguments& arguments, const MatrixHeader& header,
                const DataNames& names, const SeriesEnd<T>& at_end) {
  Series<T>(comm, arguments, header, names, at_end).run();
}

template void run_series<float>(const Comm&, const FitArguments&, const MatrixHeader&, const DataNames&,
                                const SeriesEnd<float>&);
template void run_series<double>(const Comm&, const FitArguments&, const MatrixHeader&, const DataNames&,
                                 const SeriesEnd<double>&);

}  // namespace mpinmf::cli
