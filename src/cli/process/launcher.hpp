// What mpirun, mpiexec or srun says in the environment, for the time before MPI starts.
#pragma once

#include <string>

#include "mpinmf/comm.hpp"

namespace mpinmf::cli {

/// How many tasks the launcher started; 1 without one.
int launched_tasks();
/// This task's number among them; 0 without a launcher.
int launched_rank();

/// What is worth saying behind a fault that ends with `code`: that the lines which follow are the launcher's, and
/// how to be rid of them. Empty where none follow.
std::string before_launcher_adds(int code);

/// Throws UsageError when a launcher started several tasks of which MPI sees only one: each would then do the
/// whole work and write the same files. The message names the MPI in use and the cure.
void check_launcher(const Comm& comm);

/// "start with mpirun --map-by slot:PE=8 --bind-to core": the option of the launcher in use that gives each task
/// so many cores, or of both for mpirun inside a Slurm job; nothing without a launcher.
std::string start_with(Index cores_each);

}  // namespace mpinmf::cli
