# The environment of a job: threads, binding, scratch, and a record of what it ran with. Sourced by the *.sbatch files.
# Load the modules that mpinmf was built with before sbatch (a job inherits them), or here:
#   module load gcc openmpi openblas scalapack
# shellcheck shell=bash

# The program, if it is not in the PATH.
MPINMF=${MPINMF:-mpinmf}

# A thread a core, none of them in the BLAS beside them, and each stays where its memory is.
export OMP_NUM_THREADS=${SLURM_CPUS_PER_TASK:-1} OPENBLAS_NUM_THREADS=1 OMP_PLACES=cores OMP_PROC_BIND=close

# Slurm's way to start Open MPI; `srun --mpi=list` shows what there is.
export SLURM_MPI_TYPE=${SLURM_MPI_TYPE:-pmix}

# Open MPI keeps the memory that ranks of a node share in files there: on a disk of the node, not on a network's.
export TMPDIR=${SLURM_TMPDIR:-/tmp}

# shellcheck source=jobs/blas.sh disable=SC2154 # $jobs is set by the script that sources this file
. "$jobs/blas.sh" || exit 4
set_blas_kernel "$MPINMF"

# Adds to the file $1: when and where this job runs, with which modules, libraries and settings.
record_environment() {
  {
    echo "== $(date --iso-8601=seconds) job ${SLURM_JOB_ID:-none}, restart ${SLURM_RESTART_COUNT:-0}"
    echo "nodes: ${SLURM_JOB_NODELIST:-$(hostname)}, tasks: ${SLURM_NTASKS:-1}, threads: $OMP_NUM_THREADS"
    echo "modules: ${LOADEDMODULES:-none}"
    "$MPINMF" --version
    srun --version 2>/dev/null || true
    mpirun --version 2>/dev/null | head -n 1
    env | grep -E '^(OMP|OPENBLAS|OMPI_MCA|SLURM_MPI|UCX|MPINMF|TMPDIR)' | sort
  } >>"$1" 2>&1
}
