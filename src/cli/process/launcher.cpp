#include "launcher.hpp"

#include <fmt/core.h>

#include <cstdlib>
#include <string>

namespace mpinmf::cli {
namespace {

struct Variables {
  const char* tasks;
  const char* rank;
  const char* cores_option;  ///< for {} cores a rank
};
/// The innermost launcher first: mpirun inside a Slurm job leaves Slurm's variables in place.
constexpr Variables launchers[] = {
    {"OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK", "mpirun --map-by slot:PE={} --bind-to core"},
    {"PMI_SIZE", "PMI_RANK", "mpiexec -bind-to core:{}"},
    {"SLURM_STEP_NUM_TASKS", "SLURM_PROCID", "srun -c {}"}};

const Variables* launcher() {
  for (const Variables& variables : launchers) {
    if (std::getenv(variables.tasks) != nullptr) return &variables;
  }
  return nullptr;
}

int number(const char* name, int otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoi(text);
}

/// Open MPI's mpirun writes two paragraphs after all that ranks have written, for any exit code but 0 and unless
/// it is told to be quiet. Looked at before MPI starts, which may add to the environment.
bool does_mpirun_add() {
  const char* quiet = std::getenv("OMPI_MCA_orte_execute_quiet");
  return std::getenv("OMPI_COMM_WORLD_SIZE") != nullptr && (quiet == nullptr || std::string(quiet) != "1");
}
const bool mpirun_adds = does_mpirun_add();

}  // namespace

int launched_tasks() {
  return launcher() == nullptr ? 1 : number(launcher()->tasks, 1);
}
int launched_rank() {
  return launcher() == nullptr ? 0 : number(launcher()->rank, 0);
}

std::string before_launcher_adds(int code) {
  if (!mpirun_adds) return "";
  return fmt::format(
      "  (What mpirun adds below is about exit code {} alone: see above. mpirun -q leaves it out.)\n", code);
}

std::string start_with(Index cores_each) {
  std::string text;
  for (const Variables& variables : launchers) {
    if (std::getenv(variables.tasks) == nullptr) continue;
    text +=
        (text.empty() ? "start with " : " or ") + fmt::format(fmt::runtime(variables.cores_option), cores_each);
  }
  return text;
}

void check_launcher(const Comm& comm) {
  if (comm.size() > 1 || launched_tasks() <= 1) return;
  throw UsageError(fmt::format(
      "the launcher started {} tasks ({}), but MPI sees one rank, so each task would do the whole work; "
      "this program uses {}: start it with the mpirun of that library, or under Slurm with "
      "srun --mpi=pmix (srun --mpi=list shows what there is)",
      launched_tasks(), launcher()->tasks, mpi_library_version()));
}

}  // namespace mpinmf::cli
