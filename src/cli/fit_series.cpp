#include "fit_series.hpp"

#include <fmt/core.h>

#include <cmath>
#include <optional>

#include "command.hpp"
#include "fit_data.hpp"
#include "fit_results.hpp"
#include "one_fit.hpp"
#include "report/summary.hpp"
#include "report/text_file.hpp"
#include "solver/threads.hpp"

namespace mpinmf::cli {
namespace {

template <class T>
class Series {
 public:
  Series(const Comm& comm, const FitArguments& arguments, const MatrixHeader& header)
      : comm_(comm), arguments_(arguments), header_(header) {}

  void run() {
    const std::string hint = check_before_reading<T>(comm_, arguments_, header_);
    if (arguments_.writes()) folder_.emplace(comm_, arguments_.output, results_of_all());
    const FitData<T> data = read_data<T>(comm_, arguments_, hint);
    say_what_is_fitted(data);
    for (const Index k : arguments_.components) fit_all_seeds(data, k);
    if (folder_) draw_summary();
    if (folder_ && arguments_.talks(comm_)) fmt::print("results: {}\n", folder_->path());
  }

 private:
  /// The fit of one k that minimised most so far, with its W on disk.
  struct Best {
    std::size_t row;
    double minimised;
    std::string path;
    report::RunFacts facts;
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
    const ThreadPlan threads = threads_for(comm_, arguments_.options);
    if (!arguments_.talks(comm_)) return;
    const std::string what = fmt::format("k = {}; {} seed{}", arguments_.components_text, arguments_.restarts,
                                         arguments_.restarts == 1 ? "" : "s");
    fmt::print("{}", data_line(data.v, what, threads));
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
      fit(data, options);
    }
    if (!arguments_.talks(comm_)) return;
    for (std::size_t r = first; r < rows_.size(); ++r) fmt::print("{}", report::summary_line(rows_[r]));
    std::fflush(stdout);  // the next k may take hours
  }

  void fit(const FitData<T>& data, const Options& options) {
    const auto begin = FitClock::now();
    Nmf<T> model(options);
    fit_model(arguments_, data.v, model,
              fmt::format("k = {}, seed {}: ", options.components, options.seed.text()));
    add_row(data, model, seconds_since(begin));
    const Cost& cost = model.cost();
    const double minimised = cost.loss + (std::isnan(cost.penalty) ? 0 : cost.penalty);
    const bool is_best = !best_ || minimised < best_->minimised;
    if (is_best && best_) rows_[best_->row].best = false;
    rows_.back().best = is_best;
    Best candidate{rows_.size() - 1, minimised, "", {}};
    if (folder_) {
      if (rows_.size() == 1) folder_->remove_older();
      write(data, model, is_best && arguments_.writes_w(), begin, candidate);
      if (is_best && best_ && arguments_.writes_w()) remove_beaten_w();  // only now: there is a W at any moment
      write_summary();
    }
    if (is_best) best_ = std::move(candidate);
  }

  void add_row(const FitData<T>& data, const Nmf<T>& model, double seconds) {
    report::SummaryRow row;
    row.components = model.options().components;
    row.seed = model.options().seed.text();
    row.cost = model.cost();
    const double norm = data.v.summary().sum_squares;
    if (model.options().loss.beta == 2) row.explained_variance = norm > 0 ? 1 - 2 * row.cost.loss / norm : 1;
    row.iterations = model.iterations();
    row.seconds = seconds;
    row.stop_reason = to_string(model.stop_reason());
    rows_.push_back(row);
  }

  void write(const FitData<T>& data, const Nmf<T>& model, bool with_w, FitClock::time_point begin, Best& written) {
    const auto write_begin = FitClock::now();
    const Options& options = model.options();
    written.path = folder_->path() + "/" + series_folder(options.components, options.seed);
    written.facts = fit_facts(arguments_, data, model);
    OutputFolder own(comm_, written.path, fit_results<T>(arguments_, header_, options.components, with_w));
    written.facts.written = write_factors(comm_, own, model, with_w);
    written.facts.write_seconds = seconds_since(write_begin);
    written.facts.total_seconds = seconds_since(begin);
    publish_fit(comm_, own, written.facts);
  }

  void remove_beaten_w() {
    std::erase(best_->facts.written, "W.npy");
    OutputFolder own(comm_, best_->path, OutputFolder::Results{{"run.json", "W.npy"}, true, 0});
    publish_fit(comm_, own, best_->facts);
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
      note(fmt::format("summary.svg and summary.png were not drawn: {}", fault));
    }
  }

  Comm comm_;
  const FitArguments& arguments_;
  MatrixHeader header_;
  std::optional<OutputFolder> folder_;
  std::vector<report::SummaryRow> rows_;
  std::optional<Best> best_;
};

}  // namespace

template <class T>
void run_series(const Comm& comm, const FitArguments& arguments, const MatrixHeader& header) {
  Series<T>(comm, arguments, header).run();
}

template void run_series<float>(const Comm&, const FitArguments&, const MatrixHeader&);
template void run_series<double>(const Comm&, const FitArguments&, const MatrixHeader&);

}  // namespace mpinmf::cli
