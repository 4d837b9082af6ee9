// How many threads a rank works with.
#pragma once

#include "mpinmf/comm.hpp"
#include "mpinmf/trace.hpp"

namespace mpinmf {

/// Decides by the first of these that is given, the same one for every rank:
///   1. `asked`, if not 0 (Options::threads)
///   2. OMP_NUM_THREADS of this rank, or else of the root (launchers do not hand it to other hosts)
///   3. the cores that this rank may run on, divided by the ranks on this host that may run on some of them:
///      all cores of a machine without mpirun, one when bound to a core, N under srun -c N
/// Collective. Throws UsageError when OMP_NUM_THREADS is not a number of threads.
ThreadPlan threads_for(const Comm& comm, int asked);

}  // namespace mpinmf
