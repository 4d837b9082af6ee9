# Functions shared by the tests of the job scripts and of several hosts. Sourced, not run; ctest sets MPINMF_SOURCE and
# MPINMF_PROGRAM.
# shellcheck shell=bash

cluster=$MPINMF_SOURCE/tests/cluster
work=$(mktemp -d /tmp/mpinmf-cluster-XXXXXX)
chmod 755 "$work" # munged wants its socket to be reachable by all
export MPINMF=$MPINMF_PROGRAM MPINMF_SLURM_DIR=$work/slurm MPINMF_HOSTS_DIR=$work/hosts
cd "$work" || exit 1

clean_up() {
  "$cluster/slurm-down" -q
  MPINMF_HOSTS_DIR=$work/hosts "$cluster/hosts-down" -q
  rm -rf "$work"
}
trap clean_up EXIT

skip() {
  echo "SKIPPED: $*"
  exit 77
}

fail() {
  echo "FAILED: $*"
  exit 1
}

require_cluster_tests() {
  [ "${MPINMF_CLUSTER_TESTS:-}" = 1 ] || skip "hosts or a Slurm on this machine take minutes, and root; set MPINMF_CLUSTER_TESTS=1"
}

# Ends the test as skipped where packages or rights are missing.
start() {
  local code=0
  "$cluster/$1" "${@:2}" || code=$?
  [ "$code" -ne 77 ] || skip "$1 needs the packages of jobs/packages-cluster.txt and root"
  [ "$code" -eq 0 ] || fail "$* ended with $code"
}

start_slurm() {
  start slurm-up "$@"
  # shellcheck source=/dev/null
  . "$MPINMF_SLURM_DIR/env"
}

# wait_until SECONDS COMMAND...: until it succeeds.
wait_until() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    if [ "$SECONDS" -ge "$end" ]; then
      squeue 2>/dev/null
      tail -n 40 ./*.log 2>/dev/null
      fail "not within the time given: $*"
    fi
    sleep 0.3
  done
}

# fact_of JOB NAME: what scontrol says of it, for example JobState.
fact_of() {
  scontrol show job "$1" | tr ' ' '\n' | sed -n "s/^$2=//p" | head -n 1
}

is_over() {
  [ -z "$(squeue --noheader --jobs="$1" 2>/dev/null)" ]
}

# has_fact JOB NAME VALUE
has_fact() {
  [ "$(fact_of "$1" "$2")" = "$3" ]
}

expect_fact() {
  has_fact "$@" || fail "job $1: $2 is $(fact_of "$1" "$2"), not $3"
}

# expect FILE TEXT: a line of the file has it.
expect() {
  grep -q -- "$2" "$1" || { cat "$1"; fail "$1 does not say: $2"; }
}

# The numbers of a .npy file of doubles, one a line.
numbers_of() {
  local header_bytes
  header_bytes=$(od -A n -t u2 -j 8 -N 2 "$1")
  od -A n -v -t f8 -w8 -j $((10 + header_bytes)) "$1"
}

# expect_equal TOLERANCE FILE FILE: in Frobenius norm, relative to the first.
expect_equal() {
  local difference
  difference=$(paste <(numbers_of "$2") <(numbers_of "$3") | awk '
    NF != 2 { print "sizes differ"; failed = 1; exit }
    { d = $1 - $2; difference += d * d; norm += $1 * $1 }
    END { if (!failed) printf("%.3g\n", norm > 0 ? sqrt(difference / norm) : 1) }')
  awk -v x="$difference" -v most="$1" 'BEGIN { exit !(x ~ /^[0-9]/ && x <= most + 0) }' ||
    fail "$3 differs from $2 by $difference"
  echo "$3: $difference from $2"
}
