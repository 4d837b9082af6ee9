#include "checkpoints.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <utility>

#include "cli/process/run_lock.hpp"
#include "report/say.hpp"
#include "report/text_file.hpp"
#include "report/trace_csv.hpp"

namespace mpinmf::cli {
namespace {

const FitClock::time_point program_start = FitClock::now();

/// Bytes a second that any disk of a cluster takes, for a first checkpoint, of which nothing was measured yet.
constexpr double least_bytes_per_second = 5e7;
/// How much longer than the longest so far the next iteration or checkpoint may take.
constexpr double reserve_factor = 1.5;
/// Seconds that MPI and the launcher take to end: mpirun lingers for 2 to 4 s after an exit code other than 0.
constexpr double seconds_to_leave = 5;

bool split_number(const std::string& text, double& number, std::string& unit) {
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  unit.assign(rest, end);
  return error == std::errc() && number > 0 && std::isfinite(number);
}

}  // namespace

Interval Interval::parse(const std::string& text) {
  double number = 0;
  std::string unit;
  constexpr double most_iterations = 9e15;  // whole numbers that a double holds
  if (split_number(text, number, unit)) {
    if (unit.empty() && number == std::floor(number) && number < most_iterations) {
      return {static_cast<Index>(number), 0};
    }
    if (unit == "s") return {0, number};
    if (unit == "min") return {0, 60 * number};
    if (unit == "h") return {0, 3600 * number};
  }
  throw UsageError(
      fmt::format("--checkpoint-every is a time as 90s, 10min or 2h, or a number of iterations, not {}", text));
}

namespace {

/// From now, by SLURM_JOB_END_TIME. Throws UsageError outside of a job.
double seconds_to_end_of_job() {
  const char* const text = std::getenv("SLURM_JOB_END_TIME");
  double end = 0;
  std::string unit;
  if (text == nullptr || !split_number(text, end, unit) || !unit.empty()) {
    throw UsageError(
        "--max-seconds job needs SLURM_JOB_END_TIME, which Slurm sets in a job: give a number of seconds "
        "elsewhere");
  }
  return end - static_cast<double>(std::time(nullptr));
}

}  // namespace

RunLimits::RunLimits(const Comm& comm, const FitArguments& arguments) {
  if (!arguments.stops_before_job_ends) return;
  // a launcher need not hand the job's environment to other hosts
  double seconds = 0;
  comm.meet_on_root([&] { seconds = seconds_to_end_of_job(); });
  comm.broadcast_value(seconds);
  end_of_job_ = seconds_since_start() + seconds;
}

double RunLimits::seconds_since_start() const {
  return seconds_since(program_start);
}

bool RunLimits::is_over(const Comm& comm, double max_seconds) const {
  double over = seconds_since_start() >= max_seconds ? 1 : 0;
  comm.broadcast_value(over);
  return over != 0;
}

template <class T>
FitCheckpoints<T>::FitCheckpoints(const FitArguments& arguments, const DataMatrix<T>& v, RunLimits& limits,
                                  std::string folder, Warnings& warnings)
    : arguments_(arguments), v_(v), limits_(limits), path_(std::move(folder)), warnings_(warnings) {}

template <class T>
FitCheckpoints<T>::~FitCheckpoints() {
  if (!folder_ || !v_.comm().is_root()) return;
  unlock();
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

/// The lock of the output folder serves for what is in it, too. On the root.
template <class T>
void FitCheckpoints<T>::lock() {
  if (arguments_.checkpoint.folder.empty()) return;
  take_lock(path_);
  is_locked_ = true;
}
template <class T>
void FitCheckpoints<T>::unlock() {
  if (is_locked_) release_lock(path_);
  is_locked_ = false;
}

template <class T>
void FitCheckpoints<T>::say(const std::string& text) const {
  if (arguments_.talks(v_.comm())) report::say(fmt::format("mpinmf: {}{}\n", warnings_.name(), text));
}

/// Before the first iteration.
template <class T>
void FitCheckpoints<T>::leave_if_stopped() const {
  // everyone's, so that all leave alike
  std::array<double, 2> stops = {limits_.signals().is_stop_asked() || limits_.seconds_left() <= 0 ? 1.0 : 0.0,
                                 limits_.do_others_stop() ? 1.0 : 0.0};
  v_.comm().max(stops);
  if (stops[0] + stops[1] == 0) return;
  if (limits_.has_fitted() || stops[0] == 0) leave_after("stopped before the first iteration");
  SystemError error(warnings_.name() +
                    "stopped before the first iteration: give the job more time than reading V takes");
  error.set_met();
  throw error;
}

template <class T>
void FitCheckpoints<T>::open(const io::Facts& fit) {
  leave_if_stopped();
  if (path_.empty()) return;
  fit_ = fit;
  folder_.emplace(v_.comm(), path_, fit, arguments_.checkpoint.keep);
  v_.comm().meet_on_root([&] { lock(); });
  if (!arguments_.checkpoint.resume) {
    v_.comm().meet_on_root([&] {
      if (arguments_.force || io::checkpoints_in(path_).empty()) return;
      throw UsageError(
          fmt::format("{} holds checkpoints: give --resume to go on from the newest, another --checkpoint, "
                      "or --force to begin anew",
                      path_));
    });
    return;
  }
  folder_->remove_leftovers();
  v_.comm().meet_on_root([&] { report::remove_unfinished(trace_path()); });
  std::vector<std::string> damaged;
  found_ = folder_->find_newest(damaged);
  for (const std::string& text : damaged) warnings_.add(text + "; an older checkpoint is taken");
  tried_ = found_ ? found_->iteration : 0;
  say(found_ ? fmt::format("resumes after iteration {} ({})", found_->iteration, found_->path)
             : fmt::format("no checkpoint in {} yet: starts afresh", path_));
}

template <class T>
FitHooks<T> FitCheckpoints<T>::hooks() {
  FitHooks<T> hooks;
  tried_at_ = asked_at_ = FitClock::now();
  limits_.signals().catch_all();
  hooks.requests = [this] { return take_requests(); };
  hooks.seconds_used = [this] {
    return limits_.seconds_since_start() + (folder_ ? longest_iteration_ + seconds_to_write() : 0);
  };
  if (!folder_) return hooks;
  hooks.is_save_due = [this](Index iteration) { return is_due(iteration); };
  hooks.save = [this](FitState<T>& state) { save(state); };
  if (!found_) return hooks;
  hooks.load = [this](FitState<T>& state) { folder_->load(*found_, state); };
  hooks.components_of_state = io::components_of(*found_);
  return hooks;
}

template <class T>
Requests FitCheckpoints<T>::take_requests() {
  const double last = seconds_since(asked_at_);
  // the first time holds the start, too, and serves only until an iteration has been measured
  longest_iteration_ = ++asked_ <= 2 ? last : std::max(longest_iteration_, last);
  asked_at_ = FitClock::now();
  Requests requests = limits_.signals().take();
  if (limits_.do_others_stop()) requests.stop = true;
  const double needed = reserve_factor * (longest_iteration_ + seconds_to_write()) + seconds_to_leave;
  if (limits_.seconds_left() < needed) requests.stop = true;
  return requests;
}

/// A checkpoint, or all of the results, which are no larger.
template <class T>
double FitCheckpoints<T>::seconds_to_write() const {
  if (longest_save_ > 0) return longest_save_;
  const double bytes = static_cast<double>(v_.rows_global() + v_.columns()) *
                       static_cast<double>(arguments_.most_components() + arguments_.options.merge) *
                       static_cast<double>(sizeof(T));
  return bytes / least_bytes_per_second;
}

template <class T>
bool FitCheckpoints<T>::is_due(Index iteration) {
  const Interval& every = arguments_.checkpoint.every;
  if (iteration < tried_) tried_ = 0;  // the fit that follows a wider one counts anew
  return every.iterations > 0 ? iteration - tried_ >= every.iterations : seconds_since(tried_at_) >= every.seconds;
}

template <class T>
void FitCheckpoints<T>::save(FitState<T>& state) {
  const auto begin = FitClock::now();
  failure_.clear();
  tried_ = state.iteration;  // a disk that is full is not tried again at once
  try {
    folder_->save(state);
  } catch (const SystemError& error) {
    failure_ = error.what();
    warnings_.add(
        fmt::format("no checkpoint at iteration {}: {}. The run goes on; older checkpoints are as they were",
                    state.iteration, failure_));
  }
  if (failure_.empty()) write_trace(state.trace);
  const double seconds = seconds_since(begin);
  longest_save_ = std::max(longest_save_, v_.comm().max(seconds));
  tried_at_ = asked_at_ = FitClock::now();
}

/// For users to look at; the program does not read it.
template <class T>
void FitCheckpoints<T>::write_trace(std::span<const TraceRow> trace) const {
  if (!v_.comm().is_root()) return;
  try {
    report::replace_text_file(trace_path(), report::trace_csv(trace));
  } catch (const SystemError& error) {
    warnings_.add(error.what());
  }
}

template <class T>
void FitCheckpoints<T>::leave(const Nmf<T>& model) const {
  const std::optional<WiderFit>& wider = model.wider_fit();
  const bool is_in_wider = wider && model.iterations() == 0;
  leave_after(fmt::format("stopped after iteration {}{}", is_in_wider ? wider->iterations : model.iterations(),
                          is_in_wider ? " of the wider fit" : ""));
}

template <class T>
void FitCheckpoints<T>::leave_after(const std::string& last) const {
  const std::string what = warnings_.name() + last;
  if (!failure_.empty()) {
    SystemError error(fmt::format("{}, but its state could not be saved: {}", what, failure_));
    error.set_met();
    throw error;
  }
  Stopped stopped(fmt::format(
      "{} as asked. {}. This is no failure, whatever the launcher says of exit code {}", what,
      !path_.empty() ? fmt::format("The same command with --resume goes on from there")
                     : std::string("Without --checkpoint a fit cannot go on: the results are those so far"),
      static_cast<int>(ExitCode::stopped)));
  stopped.set_met();
  throw stopped;
}

template <class T>
void FitCheckpoints<T>::forget() {
  if (path_.empty()) return;
  v_.comm().meet_on_root([&] {
    std::error_code ignored;
    io::remove_checkpoints(path_);
    report::remove_unfinished(trace_path());
    std::filesystem::remove(trace_path(), ignored);
    unlock();
    std::filesystem::remove(path_, ignored);
    if (arguments_.groups > 1) return;  // another group may be making a folder beside this one
    const std::filesystem::path of_k = std::filesystem::path(path_).parent_path();
    std::filesystem::remove(of_k, ignored);                // empty after the last seed
    std::filesystem::remove(of_k.parent_path(), ignored);  // and after the last k
  });
}

template <class T>
void FitCheckpoints<T>::describe(report::RunFacts& facts) const {
  if (!folder_) return;
  facts.fit = fit_;
  facts.checkpoints = path_;
  facts.resumed_after = found_ ? found_->iteration : 0;
}

template class FitCheckpoints<float>;
template class FitCheckpoints<double>;

}  // namespace mpinmf::cli
