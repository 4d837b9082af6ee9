#include "runs.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "io/shell_word.hpp"
#include "mpinmf/error.hpp"
#include "report/say.hpp"
#include "report/text_file.hpp"

namespace mpinmf::cli {
namespace {

namespace fs = std::filesystem;
using scaling::ScalingRow, scaling::ScalingStudy;

/// The launcher, the system's caches and the cores' clocks are warm after them.
constexpr Index warm_up_iterations = 2;
/// Of the run with tiny messages: each takes microseconds.
constexpr Index tiny_iterations = 200;
/// Entries of V in the run with the study's messages, where that leaves each rank a panel or more.
constexpr Index few_entries = Index{1} << 22;
constexpr Index least_rows_of_rank = 8, most_rows_of_rank = 256;  // of a rank there

/// This program, also where it was found by PATH.
std::string own_path() {
  std::error_code error;
  const fs::path path = fs::read_symlink("/proc/self/exe", error);
  return error ? "mpinmf" : path.string();
}

/// What a run said when it failed: the program's own message, or else the end of all that was printed.
std::string message_in(const std::string& output) {
  constexpr const char* prefix = "mpinmf: ";
  constexpr std::size_t last_lines = 5;
  std::vector<std::string> lines;
  std::istringstream in(output);
  for (std::string line; std::getline(in, line);) {
    const bool is_note = line.rfind("mpinmf: note:", 0) == 0 || line.rfind("mpinmf: warning:", 0) == 0;
    if (line.rfind(prefix, 0) == 0 && !is_note) return line.substr(std::string(prefix).size());
    if (line.find_first_not_of(" -=*\t\r") != std::string::npos) lines.push_back(line);
  }
  std::string text;
  const std::size_t first = lines.size() - std::min(lines.size(), last_lines);
  for (std::size_t i = first; i < lines.size(); ++i) text += (text.empty() ? "" : "\n  ") + lines[i];
  return text.empty() ? "it printed nothing" : text;
}

/// Also as --option=value.
bool names(const std::vector<std::string>& options, const std::string& option) {
  return std::any_of(options.begin(), options.end(),
                     [&](const std::string& word) { return word == option || word.rfind(option + "=", 0) == 0; });
}

/// As a shell reads them.
std::string shell_words(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += fmt::format("{}{}", text.empty() ? "" : " ", shell_word(word));
  return text;
}

}  // namespace

ScalingRuns::ScalingRuns(const ScalingArguments& arguments, OutputFolder& folder)
    : arguments_(arguments), folder_(folder), scratch_((fs::path(folder.path()) / ".scaling-run").string()) {
  std::error_code error;
  fs::remove_all(scratch_, error);  // of a study that was killed
  fs::create_directory(scratch_, error);
  if (error) throw SystemError(fmt::format("cannot make the folder {}: {}", scratch_, error.message()));
  if (arguments_.resume) resume();
}

ScalingRuns::~ScalingRuns() {
  std::error_code ignored;
  fs::remove_all(scratch_, ignored);
}

std::string ScalingRuns::csv_path() const {
  return (fs::path(folder_.path()) / "scaling.csv").string();
}

void ScalingRuns::resume() {
  const std::string path = csv_path();
  if (!fs::exists(path)) {
    if (!arguments_.quiet) report::say(fmt::format("{} is not there: the study begins\n", path));
    return;
  }
  rows_ = scaling::parse_scaling_csv(report::read_text_file(path), path);
  const auto require_same = [&](const char* what, const std::string& before, const std::string& now) {
    if (before == now) return;
    throw UsageError(fmt::format("{} has runs with {} '{}', not '{}': give another --output, or --force", path,
                                 what, before, now));
  };
  for (const ScalingRow& row : rows_) {
    if (row.study == ScalingStudy::small) continue;
    require_same("--study", row.study == ScalingStudy::weak ? "weak" : "strong", arguments_.study);
    require_same("V", row.problem, arguments_.matrix);
    require_same("-k", std::to_string(row.components), arguments_.components);
    require_same("options of fit", row.options, shell_words(arguments_.fit_options));
    require_same("--threads", std::to_string(row.threads), std::to_string(arguments_.threads));
    require_same("--max-iterations", std::to_string(row.iterations), std::to_string(arguments_.iterations));
  }
}

int ScalingRuns::done(int ranks) const {
  return static_cast<int>(std::count_if(rows_.begin(), rows_.end(), [&](const ScalingRow& row) {
    return row.study == arguments_.kind() && row.ranks == ranks;
  }));
}

void ScalingRuns::run() {
  const std::vector<int>& counts = arguments_.ranks;
  // in turn, so that a machine that becomes slower or faster meanwhile does so for all alike
  for (int repeat = 1; repeat <= arguments_.repeats; ++repeat) {
    for (const int ranks : counts) {
      if (done(ranks) < repeat) measure(ranks, repeat);
    }
  }
  const auto several = std::find_if(counts.begin(), counts.end(), [](int ranks) { return ranks > 1; });
  if (several != counts.end()) measure_messages(*scaling::median_run(rows_, counts.front()), *several);
}

void ScalingRuns::measure(int ranks, int repeat) {
  Fit fit{matrix_for(arguments_, ranks), arguments_.components, arguments_.fit_options, ranks,
          std::min(warm_up_iterations, arguments_.iterations)};
  // a start from the SVD may take longer than the iterations, and an exact W at the end would count as a sweep
  const auto set = [&](const char* option, const char* value) {
    if (!names(fit.options, option)) fit.options.insert(fit.options.end(), {option, value});
  };
  if (!names(fit.options, "--w0") && !names(fit.options, "--like")) set("--init", "random");
  set("--final-w", "no");
  if (warmed_up_.insert(ranks).second) run(fit);
  fit.iterations = arguments_.iterations;
  ScalingRow row = run(fit);
  require_same_rule(row);
  row.study = arguments_.kind();
  row.problem = arguments_.matrix;
  row.options = shell_words(arguments_.fit_options);
  row.repeat = repeat;
  if (!arguments_.quiet) {
    report::say(fmt::format("run {} of {}, {} rank{}: {:.4g} s an iteration\n", repeat, arguments_.repeats, ranks,
                            ranks == 1 ? "" : "s", row.seconds.total()));
  }
  keep(std::move(row));
}

/// The default follows the shape of V, which a weak study changes.
void ScalingRuns::require_same_rule(const ScalingRow& row) const {
  if (rows_.empty() || rows_.front().rule == row.rule) return;
  throw UsageError(fmt::format(
      "on {} rank{} the default rule is {}, on {} it is {}: name one for all by -- --rule {}", rows_.front().ranks,
      rows_.front().ranks == 1 ? "" : "s", rows_.front().rule, row.ranks, row.rule, rows_.front().rule));
}

void ScalingRuns::measure_messages(const ScalingRow& study, int ranks) {
  const auto is_done = [&](const ScalingRow& row) {
    return row.study == ScalingStudy::small && row.ranks == ranks;
  };
  if (std::any_of(rows_.begin(), rows_.end(), is_done)) return;
  const std::vector<std::string> options = {"--rule",        study.rule,
                                            "--extrapolate", study.extrapolated ? "yes" : "no",
                                            "--loss",        fmt::format("{}", study.beta),
                                            "--precision",   study.single_precision ? "float" : "double",
                                            "--init",        "random",
                                            "--final-w",     "no",
                                            "--add",         "1"};
  const Index few = std::clamp(few_entries / study.columns, least_rows_of_rank * ranks, most_rows_of_rank * ranks);
  const Fit small[] = {{fmt::format("generate:lowrank:rows={},columns=16,rank=2", most_rows_of_rank * ranks), "2",
                        options, ranks, tiny_iterations},
                       {fmt::format("generate:lowrank:rows={},columns={},rank=1", few, study.columns),
                        std::to_string(study.components), options, ranks, arguments_.iterations}};
  std::vector<ScalingRow> measured;
  for (const Fit& fit : small) {
    measured.push_back(run(fit));
    measured.back().study = ScalingStudy::small;
    measured.back().problem = fit.matrix;
    measured.back().options = shell_words(options);
  }
  for (ScalingRow& row : measured) keep(std::move(row));
}

/// The file is written anew, so that it is whole whenever the study ends.
void ScalingRuns::keep(ScalingRow row) {
  rows_.push_back(std::move(row));
  report::write_text_file(folder_.partial("scaling.csv"), scaling::scaling_csv(rows_));
  folder_.publish();
}

std::vector<std::string> ScalingRuns::words(const Fit& fit) const {
  const std::string iterations = std::to_string(fit.iterations), threads = std::to_string(arguments_.threads);
  std::vector<std::string> all = {own_path(), "fit", fit.matrix, "-k", fit.components};
  for (const auto& [option, value] : {std::pair<std::string, std::string>{"--threads", threads},
                                      {"--max-iterations", iterations},
                                      {"--tolerance", "0"},
                                      {"--trace-every", iterations},
                                      {"--write", "h"},
                                      {"--output", (fs::path(scratch_) / "fit").string()}}) {
    all.insert(all.end(), {option, value});
  }
  all.insert(all.end(), {"--quiet", "--force"});
  all.insert(all.end(), fit.options.begin(), fit.options.end());
  return all;
}

ScalingRow ScalingRuns::run(const Fit& fit) {
  const std::string json = (fs::path(scratch_) / "fit" / "run.json").string();
  const std::string script = launcher_for(arguments_, fit.ranks) + " \"$@\"";
  std::error_code ignored;
  fs::remove(json, ignored);
  const EndedProcess ended = runner_.run(script, words(fit), (fs::path(scratch_) / "output").string());
  if (ended.code != 0 || !fs::exists(json)) fail(fit, ended.code);
  ScalingRow row = scaling::parse_scaling_run(report::read_text_file(json), json);
  if (row.ranks != fit.ranks) {
    throw UsageError(fmt::format("the launcher started {} ranks where {} were asked for: {}", row.ranks, fit.ranks,
                                 launcher_for(arguments_, fit.ranks)));
  }
  constexpr double seconds_of_hour = 3600;
  row.core_hours = ended.seconds / seconds_of_hour * row.ranks * row.threads;
  return row;
}

void ScalingRuns::fail(const Fit& fit, int code) const {
  std::string message = fmt::format("a run on {} rank{} failed with code {}: {}\n  the command was: {} {}",
                                    fit.ranks, fit.ranks == 1 ? "" : "s", code,
                                    message_in(report::read_text_file((fs::path(scratch_) / "output").string())),
                                    launcher_for(arguments_, fit.ranks), shell_words(words(fit)));
  if (!rows_.empty()) {
    message += fmt::format("\n  {} keeps the {} run{} before: --resume goes on", csv_path(), rows_.size(),
                           rows_.size() == 1 ? "" : "s");
  }
  if (code == static_cast<int>(ExitCode::usage)) throw UsageError(message);
  if (code == static_cast<int>(ExitCode::bad_data)) throw BadData(message);
  throw SystemError(message);
}

}  // namespace mpinmf::cli
