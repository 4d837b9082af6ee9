#include "arguments.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "cli/process/launcher.hpp"
#include "cli/sizes.hpp"
#include "cli/solver_arguments.hpp"
#include "io/generate/generate.hpp"
#include "machine/threads.hpp"
#include "mpinmf/comm.hpp"
#include "mpinmf/error.hpp"

namespace mpinmf::cli {
namespace {

/// Open MPI 4 and 5 and MPICH's Hydra know it.
constexpr const char* default_launcher = "mpirun -n {ranks}";
constexpr const char* threaded_launcher =
    "mpirun -n {ranks} --map-by slot:PE={threads} --bind-to core";  // Open MPI

/// Set inside a job that may have more hosts than this one.
constexpr const char* batch_variables[] = {"SLURM_JOB_ID", "PBS_JOBID", "LSB_JOBID", "JOB_ID", "COBALT_JOBID"};

bool is_in_job() {
  return std::any_of(std::begin(batch_variables), std::end(batch_variables),
                     [](const char* name) { return std::getenv(name) != nullptr; });
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
  return text;
}

bool names(const std::string& launcher, const char* place) {
  return launcher.find(place) != std::string::npos;
}

/// Where the value of "key=..." of a generator begins, and its length; a length of 0: it has none.
std::pair<std::size_t, std::size_t> value_of(const std::string& matrix, const std::string& key) {
  const std::string setting = key + "=";
  for (std::size_t at = matrix.find(setting); at != std::string::npos; at = matrix.find(setting, at + 1)) {
    if (at == 0 || (matrix[at - 1] != ',' && matrix[at - 1] != ':')) continue;
    const std::size_t begin = at + setting.size();
    return {begin, std::min(matrix.find_first_of(",:", begin), matrix.size()) - begin};
  }
  return {0, 0};
}

void check_weak(const ScalingArguments& a) {
  if (!io::is_generator(a.matrix) || value_of(a.matrix, "rows").second == 0) {
    throw UsageError(
        fmt::format("a weak study gives each rank the same number of rows, so V must be made for it: take "
                    "generate:lowrank:rows=... or generate:sparse-counts:rows=... with the rows (and nonzeros) of "
                    "one rank, not {}",
                    a.matrix));
  }
  if (std::find(a.fit_options.begin(), a.fit_options.end(), "--transpose") != a.fit_options.end()) {
    throw UsageError("a weak study adds rows to V, which --transpose would make columns: leave it out");
  }
}

int cores_of_this_machine(const ScalingArguments& a) {
  return threads_for(Comm::self(), a.threads).cores;
}

void complete_ranks(ScalingArguments& a) {
  if (a.ranks.empty()) {
    const Index most = cores_of_this_machine(a) / a.threads;
    for (Index ranks = 1; ranks == 1 || ranks <= most; ranks *= 2) a.ranks.push_back(static_cast<int>(ranks));
  }
  std::sort(a.ranks.begin(), a.ranks.end());
  a.ranks.erase(std::unique(a.ranks.begin(), a.ranks.end()), a.ranks.end());
}

/// More ranks than cores take turns, and their times say nothing. Elsewhere the batch system knows what there is.
void check_cores(const ScalingArguments& a) {
  const int cores = cores_of_this_machine(a), most = a.ranks.back();
  if (is_in_job() || Index{most} * a.threads <= cores) return;
  throw UsageError(fmt::format(
      "{} rank{} of {} thread{} need {} cores, and this machine has {}: leave them out of --ranks; or give your "
      "own "
      "--launcher, if there are more machines, or if times that say nothing about scaling will do: --launcher "
      "'mpirun --oversubscribe -n {{ranks}}'",
      most, most == 1 ? "" : "s", a.threads, a.threads == 1 ? "" : "s", Index{most} * a.threads, cores));
}

void check_launcher(ScalingArguments& a) {
  if (a.launcher.empty()) {
    a.launcher = a.threads == 1 ? default_launcher : threaded_launcher;
    return check_cores(a);
  }
  if (!names(a.launcher, "{ranks}")) {
    throw UsageError(
        fmt::format("--launcher '{}' has no {{ranks}}, which stands for the number of ranks: --launcher "
                    "'srun -n {{ranks}}'",
                    a.launcher));
  }
  if (names(a.launcher, "{nodes}") && a.ranks_per_node == 0) {
    throw UsageError("{nodes} in --launcher needs --ranks-per-node, by which the ranks are divided");
  }
}

}  // namespace

void prepare(ScalingArguments& a) {
  if (launched_tasks() > 1) {
    throw UsageError("start mpinmf scaling by itself, without mpirun or srun: it starts its runs with --launcher");
  }
  if (a.matrix.empty()) throw UsageError("V is empty: name a matrix");
  if (a.force && a.resume) throw UsageError("--force begins anew and --resume goes on: give one of them");
  complete_ranks(a);
  if (a.is_weak()) check_weak(a);
  check_launcher(a);
  if (a.output.empty()) a.output = name_of_matrix(a.matrix) + ".scaling";
}

std::string launcher_for(const ScalingArguments& a, int ranks) {
  const int nodes = a.ranks_per_node > 0 ? (ranks + a.ranks_per_node - 1) / a.ranks_per_node : 1;
  std::string text = replaced(a.launcher, "{ranks}", std::to_string(ranks));
  text = replaced(text, "{threads}", std::to_string(a.threads));
  return replaced(text, "{nodes}", std::to_string(nodes));
}

std::string matrix_for(const ScalingArguments& a, int ranks) {
  std::string matrix = a.matrix;
  if (!a.is_weak()) return matrix;
  for (const char* key : {"rows", "nonzeros"}) {
    const auto [at, length] = value_of(matrix, key);
    if (length == 0) continue;
    matrix.replace(at, length, std::to_string(parse_count(key, matrix.substr(at, length), 1) * ranks));
  }
  return matrix;
}

}  // namespace mpinmf::cli
