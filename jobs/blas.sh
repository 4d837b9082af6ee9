# The kernel of OpenBLAS: sourced by the other scripts, not run.
# shellcheck shell=bash

# Whether all nodes of a job have the same kind of processor: one ends a program whose kernel it cannot run.
has_one_kind_of_node() {
  local nodes=${SLURM_JOB_NUM_NODES:-1}
  [ "$nodes" -gt 1 ] || return 0
  [ "$(srun --mpi=none --nodes="$nodes" --ntasks="$nodes" --ntasks-per-node=1 grep -m 1 '^flags' /proc/cpuinfo |
    sort | uniq -c | awk '{ print $1 }')" = "$nodes" ]
}

# "Haswell" where `mpinmf --version`, the standard input, advises it.
blas_kernel_advised() {
  sed -n 's/^warning: .* set OPENBLAS_CORETYPE=//p'
}

# Sets OPENBLAS_CORETYPE, unless it is set, where OpenBLAS took a kernel for older processors than this one, as the
# program $1 says. With a word about it: what is then started from another shell needs the same.
set_blas_kernel() {
  local kernel
  [ -z "${OPENBLAS_CORETYPE:-}" ] || return 0
  kernel=$("$1" --version 2>/dev/null | blas_kernel_advised) || return 0
  if [ -z "$kernel" ] || ! has_one_kind_of_node; then return 0; fi
  echo "OpenBLAS would take a kernel for older processors than this one: export OPENBLAS_CORETYPE=$kernel"
  export OPENBLAS_CORETYPE=$kernel
}
