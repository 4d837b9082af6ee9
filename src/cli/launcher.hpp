// What mpirun, mpiexec or srun says in the environment, for the time before MPI starts.
#pragma once

#include "mpinmf/comm.hpp"
#include "mpinmf/trace.hpp"

namespace mpinmf::cli {

/// How many tasks the launcher started; 1 without one.
int launched_tasks();
/// This task's number among them; 0 without a launcher.
int launched_rank();

/// Throws UsageError when a launcher started several tasks of which MPI sees only one: each would then do the
/// whole work and write the same files. The message names the MPI in use and the cure.
void check_launcher(const Comm& comm);

/// One warning on the root's standard error when some rank has more threads than cores: names the launcher's
/// option that gives them cores. Collective.
void warn_of_shared_cores(const Comm& comm, const ThreadPlan& plan);

}  // namespace mpinmf::cli
