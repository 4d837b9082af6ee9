#include "compare.hpp"

#include <fmt/format.h>
#include <stdlib.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/process/child_process.hpp"
#include "mpinmf/error.hpp"
#include "report/say.hpp"
#include "report/text_file.hpp"

namespace mpinmf::bench {
namespace {

using Json = nlohmann::ordered_json;

/// A folder that goes with the object.
class Scratch {
 public:
  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "mpinmf-bench-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw SystemError(name + ": cannot make a temporary folder");
    path_ = name;
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

/// mpirun must not run inside mpirun: it fails, or waits for ever.
void refuse_mpi_job() {
  for (const char* variable : {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"}) {
    if (std::getenv(variable) == nullptr) continue;
    throw UsageError(fmt::format(
        "--compare starts its own ranks, so it must not be started by mpirun or srun itself ({} is set): run "
        "mpinmf-bench --compare OTHER --launcher 'mpirun -n 2'",
        variable));
  }
}

/// The last words of a program that failed: its own message if there is one, for launchers add theirs.
std::string reason(const std::string& output) {
  std::istringstream in(output);
  std::string last, own;
  for (std::string line; std::getline(in, line);) {
    if (line.find_first_not_of(" \t-") != std::string::npos) last = line;
    if (line.rfind("mpinmf-bench: ", 0) == 0) own = line.substr(line.find(' ') + 1);
  }
  if (own.empty() && last.empty()) return "it did not say why";
  return own.empty() ? last : own;
}

/// What is compared of a case.
struct Measured {
  double sweep = 0, iteration = 0;  // seconds
};
using Cases = std::vector<std::pair<std::string, Measured>>;  // in the order of the program

Cases parse_cases(const std::string& program, const std::string& text) {
  try {
    Cases cases;
    const Json all = Json::parse(text);
    for (const Json& json : all.at("cases")) {
      const auto name = [&](const char* key) { return json.at(key).get<std::string>(); };
      const auto median = [&](const char* key) { return json.at(key).at("median").get<double>(); };
      cases.push_back({fmt::format("{:<10} {:<16} {:<6}", name("name"), name("loss"), name("precision")),
                       {median("sweep_seconds"), median("iteration_seconds")}});
    }
    return cases;
  } catch (const Json::exception& error) {
    throw SystemError(fmt::format("{}: wrote no JSON of mpinmf-bench: {}", program, error.what()));
  }
}

Cases run_once(cli::ProcessRunner& runner, const Arguments& arguments, const std::string& program,
               const Scratch& scratch) {
  const std::string json = scratch / "bench.json", output = scratch / "output";
  std::error_code ignored;
  std::filesystem::remove(json, ignored);
  std::vector<std::string> command = {program};
  command.insert(command.end(), arguments.passed_on.begin(), arguments.passed_on.end());
  command.insert(command.end(), {"--json", json});
  const cli::EndedProcess ended = runner.run(arguments.launcher + " \"$@\"", command, output);
  if (ended.code != 0) {
    throw SystemError(fmt::format("'{} {}' ended with exit code {}: {}", arguments.launcher, program, ended.code,
                                  reason(report::read_text_file(output))));
  }
  if (!std::filesystem::exists(json)) {
    throw SystemError(
        fmt::format("'{} {}' wrote no file; is {} an mpinmf-bench?", arguments.launcher, program, program));
  }
  return parse_cases(program, report::read_text_file(json));
}

std::vector<std::string> words(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> result;
  for (std::string word; in >> word;) result.push_back(word);
  return result;
}

/// Seconds of one case in all rounds.
struct Series {
  std::vector<double> own_sweep, other_sweep, own_iteration, other_iteration;
};

Spread ratios(const std::vector<double>& other, const std::vector<double>& own) {
  std::vector<double> result;
  for (std::size_t i = 0; i < own.size(); ++i) result.push_back(other[i] / own[i]);
  return spread_of(std::move(result));
}

/// The rounds that both programs measured of every case, in this program's order of cases.
class Comparison {
 public:
  void add(const Cases& own, const Cases& other) {
    const std::map<std::string, Measured> others(other.begin(), other.end());
    for (const auto& [name, mine] : own) {
      const auto found = others.find(name);
      if (found == others.end()) continue;
      if (series_.count(name) == 0) order_.push_back(name);
      Series& series = series_[name];
      series.own_sweep.push_back(mine.sweep);
      series.own_iteration.push_back(mine.iteration);
      series.other_sweep.push_back(found->second.sweep);
      series.other_iteration.push_back(found->second.iteration);
    }
    if (order_.empty()) throw SystemError("the two programs have no case in common");
  }

  std::string table() const {
    std::string text =
        fmt::format("{:<34} {:>9} {:>9}   {:<24} {}\n", "", "sweep", "other's", "other / this,", "");
    text += fmt::format("{:<34} {:>9} {:>9}   {:<24} {}\n", "case", "[ms]", "[ms]", "sweep (quartiles)",
                        "iteration (quartiles)");
    const auto shown = [](const Spread& r) {
      return fmt::format("{:.3f} ({:.3f} .. {:.3f})", r.median, r.lower_quartile, r.upper_quartile);
    };
    for (const std::string& name : order_) {
      const Series& s = series_.at(name);
      text += fmt::format("{} {:>9.3f} {:>9.3f}   {:<24} {}\n", name, 1e3 * spread_of(s.own_sweep).median,
                          1e3 * spread_of(s.other_sweep).median, shown(ratios(s.other_sweep, s.own_sweep)),
                          shown(ratios(s.other_iteration, s.own_iteration)));
    }
    return text;
  }

  Json json() const {
    Json cases = Json::array();
    const auto shown = [](const std::vector<double>& other, const std::vector<double>& own) -> Json {
      const Spread r = ratios(other, own);
      return {{"seconds", own},
              {"other_seconds", other},
              {"ratio",
               {{"median", r.median},
                {"min", r.minimum},
                {"lower_quartile", r.lower_quartile},
                {"upper_quartile", r.upper_quartile},
                {"max", r.maximum}}}};
    };
    for (const std::string& name : order_) {
      const Series& s = series_.at(name);
      const std::vector<std::string> parts = words(name);
      cases.push_back({{"name", parts[0]},
                       {"loss", parts[1]},
                       {"precision", parts[2]},
                       {"sweep", shown(s.other_sweep, s.own_sweep)},
                       {"iteration", shown(s.other_iteration, s.own_iteration)}});
    }
    return cases;
  }

 private:
  std::vector<std::string> order_;
  std::map<std::string, Series> series_;
};

/// Throws cli::Interrupted.
void run_rounds(const Arguments& arguments, const std::string& own, const std::string& other,
                Comparison& comparison) {
  cli::ProcessRunner runner;
  const Scratch scratch;
  for (int round = 0; round < arguments.rounds; ++round) {
    report::say(fmt::format("mpinmf-bench: round {} of {}\n", round + 1, arguments.rounds));
    // each of the two is first in every other round; the other one in the first, should it not work at all
    Cases cases[2];
    for (const int which : {1 - round % 2, round % 2}) {
      cases[which] = run_once(runner, arguments, which == 0 ? own : other, scratch);
    }
    comparison.add(cases[0], cases[1]);
  }
}

}  // namespace

void compare(const Arguments& arguments) {
  refuse_mpi_job();
  // launchers would look for a bare name in PATH
  const std::string other = std::filesystem::absolute(arguments.other).string();
  const std::string own = std::filesystem::read_symlink("/proc/self/exe").string();
  if (!std::filesystem::is_regular_file(other)) throw SystemError(arguments.other + ": is not a file");
  Comparison comparison;
  try {
    run_rounds(arguments, own, other, comparison);
  } catch (const cli::Interrupted& interrupted) {
    std::raise(interrupted.signal);
    return;
  }
  fmt::print("this: {}\nother: {}\nseconds of the other divided by seconds of this, medians of {} rounds\n\n{}",
             own, other, arguments.rounds, comparison.table());
  if (arguments.json.empty()) return;
  const Json json = {{"this", own},
                     {"other", other},
                     {"launcher", arguments.launcher},
                     {"options", arguments.passed_on},
                     {"rounds", arguments.rounds},
                     {"cases", comparison.json()}};
  report::write_text_file(arguments.json, json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

}  // namespace mpinmf::bench
