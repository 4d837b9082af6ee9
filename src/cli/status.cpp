// mpinmf status: how far a fit has come, from its checkpoints. Starts no MPI.
#include <fmt/core.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <memory>
#include <vector>

#include "cli/fit/results.hpp"
#include "cli/process/run_lock.hpp"
#include "command.hpp"
#include "io/checkpoint/checkpoint.hpp"
#include "mpinmf/error.hpp"
#include "report/counted.hpp"
#include "report/finished_run.hpp"
#include "report/memory.hpp"
#include "report/text_file.hpp"
#include "report/trace_csv.hpp"

namespace mpinmf::cli {
namespace {

namespace fs = std::filesystem;

std::string duration_text(double seconds) {
  if (seconds < 120) return fmt::format("{:.0f} s", std::ceil(seconds));
  if (seconds < 2 * 3600) return fmt::format("{:.0f} min", std::ceil(seconds / 60));
  if (seconds < 48 * 3600) return fmt::format("{:.1f} h", seconds / 3600);
  return fmt::format("{:.1f} days", seconds / 86400);
}

void show(const char* name, const std::string& value) {
  fmt::print("  {:<12}{}\n", name, value);
}

double seconds_since_1970() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// "123.4 in iteration 20; fell by 0.031 % since iteration 10", from a trace whose losses may be missing here and
/// there.
std::string loss_text(std::vector<TraceRow> trace, const io::Manifest& newest) {
  std::erase_if(trace, [](const TraceRow& row) { return !std::isfinite(row.cost.loss); });
  constexpr Index apart = 10;  // iterations; as the tolerance looks at it
  if (trace.empty()) {
    return std::isfinite(newest.loss) ? fmt::format("{:.6g} in iteration {}", newest.loss, newest.loss_iteration)
                                      : "not known yet";
  }
  const TraceRow& last = trace.back();
  std::string text = fmt::format("{:.6g} in iteration {}", last.cost.loss, last.iteration);
  const auto before = std::find_if(trace.rbegin(), trace.rend(),
                                   [&](const TraceRow& row) { return row.iteration + apart <= last.iteration; });
  if (before == trace.rend() || !(before->cost.loss > 0)) return text;
  const double share = 1 - last.cost.loss / before->cost.loss;
  return text + fmt::format("; {} by {:.2g} % since iteration {}", share < 0 ? "rose" : "fell",
                            100 * std::abs(share), before->iteration);
}

/// Of the newest iterations where two checkpoints are there, else of all.
double iterations_per_second(const io::Manifest& newest, const io::Manifest* before) {
  const bool has_both =
      before != nullptr && before->iteration < newest.iteration && before->seconds < newest.seconds;
  const double iterations = static_cast<double>(newest.iteration - (has_both ? before->iteration : 0)),
               seconds = newest.seconds - (has_both ? before->seconds : 0);
  return seconds > 0 ? iterations / seconds : 0;
}

std::vector<TraceRow> trace_in(const fs::path& folder) {
  const std::string path = (folder / "trace.csv").string();
  if (!fs::exists(path)) return {};
  return report::parse_trace_csv(report::read_text_file(path), path);
}

/// Before its components are merged (--merge).
bool is_of_wider_fit(const io::Manifest& checkpoint) {
  const auto is_k = [](const auto& fact) { return fact.first == "k"; };
  const auto k = std::find_if(checkpoint.fit.begin(), checkpoint.fit.end(), is_k);
  return k != checkpoint.fit.end() && k->second != std::to_string(io::components_of(checkpoint));
}

void show_checkpoints(const fs::path& folder) {
  const std::vector<std::string> paths = io::checkpoints_in(folder.string());
  if (paths.empty()) return show("checkpoint", fmt::format("none in {} yet", folder.string()));
  const io::Manifest newest = io::read_manifest(paths.front());
  std::vector<io::Manifest> before;
  if (paths.size() > 1) before.push_back(io::read_manifest(paths[1]));
  const double age = std::max(0.0, seconds_since_1970() - newest.written_at);
  show("checkpoint",
       fmt::format("{}, {} ago, {}", newest.path, duration_text(age), report::bytes_text(io::bytes_of(newest))));
  show("iteration", fmt::format("{} of at most {}{}", newest.iteration, newest.max_iterations,
                                is_of_wider_fit(newest) ? " of the wider fit" : ""));
  show("loss", loss_text(trace_in(folder), newest));
  const double speed = iterations_per_second(newest, before.empty() ? nullptr : &before.front());
  if (speed > 0) {
    show("speed",
         fmt::format("{:.3g} iterations/s with {} rank{}", speed, newest.ranks, newest.ranks == 1 ? "" : "s"));
    const double left = static_cast<double>(newest.max_iterations - newest.iteration) / speed;
    show("time left", fmt::format("{} from there, at most", duration_text(left)));
  }
}

void show_results(const fs::path& path) {
  const report::FinishedRun run = report::parse_finished_run(report::read_text_file(path.string()), path.string());
  show("results",
       fmt::format("{}: {}, stopped by {}, loss {:.6g}", path.parent_path().string(),
                   report::counted(run.row.iterations, "iteration"), run.row.stop_reason, run.row.cost.loss));
}

/// Folders in or below `folder` that hold checkpoints: its own, those of a fit's output, those of a series.
std::vector<fs::path> checkpoint_folders(const fs::path& folder) {
  std::vector<fs::path> found;
  std::error_code error;
  if (!io::checkpoints_in(folder.string()).empty()) found.push_back(folder);
  constexpr int deepest = 2;  // OUTPUT/checkpoint/k5/seed0
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (!entry->is_directory()) continue;
    if (!io::checkpoints_in(entry->path().string()).empty()) found.push_back(entry->path());
    if (entry.depth() >= deepest || entry->path().filename().string().rfind("checkpoint-", 0) == 0) {
      entry.disable_recursion_pending();
    }
  }
  std::sort(found.begin(), found.end(), is_before);
  return found;
}

/// Several fits are one run, which holds the lock of their folder, above those of its k.
std::string state_of_run(const fs::path& folder) {
  std::string state = state_of_lock(folder.string());
  for (fs::path own = fs::absolute(folder / "").parent_path(); state.empty() && is_of_several(own);) {
    own = own.parent_path();
    state = state_of_lock(own.string());
  }
  return state;
}

/// What it, or the fits that it holds, said at their ends.
std::vector<fs::path> records_in(const fs::path& folder) {
  std::vector<fs::path> records = fit_folders_in(folder);
  records.insert(records.begin(), folder);
  for (fs::path& path : records) path /= "run.json";
  std::erase_if(records, [](const fs::path& path) {
    std::error_code ignored;
    return !fs::exists(path, ignored);
  });
  return records;
}

/// Where no run works any more. Of several fits those that have ended keep no checkpoints.
std::string end_of(const fs::path& folder, const std::vector<fs::path>& results,
                   const std::vector<fs::path>& checkpoints) {
  if (results.empty()) return "no run works there";
  const bool is_one = results.size() == 1 && results.front() == folder / "run.json";
  return is_one || checkpoints.empty() ? "finished" : "stopped before all fits had ended: --resume goes on";
}

void show_status(const std::string& name) {
  std::error_code ignored;
  if (!fs::is_directory(name, ignored)) throw SystemError(fmt::format("there is no folder {}", name));
  const std::string state = state_of_run(name);
  const std::vector<fs::path> results = records_in(name);
  const std::vector<fs::path> checkpoints = checkpoint_folders(name);
  if (state.empty() && results.empty() && checkpoints.empty()) {
    throw SystemError(fmt::format(
        "{} holds neither results nor checkpoints, and no run works there: name the folder of --output or "
        "--checkpoint",
        name));
  }
  fmt::print("{}: {}\n", name, !state.empty() ? state : end_of(name, results, checkpoints));
  for (const fs::path& path : results) show_results(path);
  for (const fs::path& path : checkpoints) show_checkpoints(path);
  if (checkpoints.empty() && !state.empty()) show("checkpoint", "none yet (fit --checkpoint writes them)");
}

}  // namespace

Command add_status(CLI::App& program) {
  auto folder = std::make_shared<std::string>();
  CLI::App* app = program.add_subcommand(
      "status",
      "how far a running or killed fit has come, from its checkpoints: iteration, loss, speed, time left");
  app->add_option("DIR", *folder, "the folder of --output or of --checkpoint")->required();
  return {app, [] {}, [folder](const Comm&) { show_status(*folder); }, false};
}

}  // namespace mpinmf::cli
