# Factorizations that take longer than a job may: sourced by fit.sbatch and restarts.sbatch, after env.sh.
# Settings, with their defaults, from the environment (LAUNCH=mpirun sbatch ...):
#
#   COMMAND=fit            or survey: many fits of each k, compared
#   LAUNCH=srun            or mpirun: what starts the ranks
#   AGAIN=requeue          what follows a run whose time is up: Slurm runs the same job again; successor: a new job that
#                          starts when this one has ended, where requeueing is switched off; no: nothing
#   CHECKPOINT_EVERY=10min or a number of iterations
#   SECONDS_TO_STOP=90     how long ranks may take to write the last checkpoint; less than the seconds of --signal
#
# Exit codes are those of mpinmf, and 4 after three runs in a row that left nothing new behind.
# shellcheck shell=bash

# Runs in a row that end without a new checkpoint or result: then more of them will not help.
most_idle_runs=3

say() {
  echo "$(date +%T) job $SLURM_JOB_ID: $*"
}

# Whether a complete checkpoint or a result has appeared in the folder $1 since the file $2 was written.
is_newer_there() {
  find "$1" \( -name '*.partial-*' -prune \) -o \( -name manifest.json -o -name run.json \) -newer "$2" -print 2>/dev/null |
    grep -q .
}

# The mark is a file whose time is that of a run's start. It holds how many runs in a row, this one included, have left
# nothing new behind.
begin_run() {
  local output=$1 mark=$2 idle=0
  if [ -f "$mark" ] && ! is_newer_there "$output" "$mark"; then idle=$(cat "$mark"); fi
  [ "$idle" -lt "$most_idle_runs" ] || give_up "$mark" || return
  echo $((idle + 1)) >"$mark"
}

give_up() {
  say "gives up after $most_idle_runs runs that got nowhere. Look above for what stopped them, or give each run more" \
    "time (--time) or more frequent checkpoints (CHECKPOINT_EVERY); then remove $1 and submit again"
  return 4
}

# Starts "$@" on all tasks of the job, in the background, so that this shell hears signals meanwhile.
launch() {
  case ${LAUNCH:-srun} in
    srun) srun --cpus-per-task="$OMP_NUM_THREADS" --cpu-bind=cores "$@" & ;;
    mpirun) mpirun -n "$SLURM_NTASKS" --map-by "slot:PE=$OMP_NUM_THREADS" --bind-to core "$@" & ;;
    *) say "LAUNCH is srun or mpirun, not '$LAUNCH'" && return 2 ;;
  esac
  launcher=$!
}

# The time is nearly up: asks the ranks to write a checkpoint and to stop. Both launchers hand USR1 on to all of them.
ask_to_stop() {
  stop_asked=yes
  overdue_at=$((SECONDS + ${SECONDS_TO_STOP:-90}))
  say "the time is nearly up: asks for a checkpoint"
  kill -USR1 "$launcher" 2>/dev/null
}

# The exit code of the launcher, or 75 where ranks that have lost each other do not end at all.
wait_for_ranks() {
  while kill -0 "$launcher" 2>/dev/null; do
    if [ -n "$stop_asked" ] && [ "$SECONDS" -ge "$overdue_at" ]; then
      say "the ranks do not stop: goes on without them, from the last checkpoint"
      return 75
    fi
    sleep 0.3
  done
  wait "$launcher"
}

# The same script with the same arguments, to start when this job has ended. What sbatch was told besides the options
# listed here must stand in the script.
submit_successor() {
  local options=(--dependency="afterany:$SLURM_JOB_ID" --job-name="$SLURM_JOB_NAME" --partition="$SLURM_JOB_PARTITION"
    --nodes="$SLURM_JOB_NUM_NODES" --ntasks="$SLURM_NTASKS" --cpus-per-task="$OMP_NUM_THREADS"
    --time="$(squeue --noheader --jobs="$SLURM_JOB_ID" --format=%l)"
    --output="$(scontrol show job "$SLURM_JOB_ID" | sed -n 's/^ *StdOut=//p')")
  [ -z "${SLURM_NTASKS_PER_NODE:-}" ] || options+=(--ntasks-per-node="$SLURM_NTASKS_PER_NODE")
  [ -z "${SLURM_MEM_PER_NODE:-}" ] || options+=(--mem="${SLURM_MEM_PER_NODE}M")
  [ -z "${SLURM_JOB_ACCOUNT:-}" ] || options+=(--account="$SLURM_JOB_ACCOUNT")
  [ -z "${SLURM_JOB_QOS:-}" ] || options+=(--qos="$SLURM_JOB_QOS")
  # shellcheck disable=SC2154 # set by the script that sources this file
  MPINMF_JOBS=$jobs sbatch "${options[@]}" "$0" "${others[@]}" -k "$components" --output "$output"
}

run_again() {
  case ${AGAIN:-requeue} in
    requeue)
      scontrol requeue "$SLURM_JOB_ID" || say "cannot be requeued here: submit with AGAIN=successor"
      ;;
    successor) submit_successor ;;
    no) say "submit again to go on" ;;
    *) say "AGAIN is requeue, successor or no, not '$AGAIN'" ;;
  esac
}

# Splits the arguments of mpinmf fit: sets output and components, and the array others.
split_arguments() {
  output='' components='' others=()
  while [ $# -gt 0 ]; do
    case $1 in
      --output) output=${2-} && shift ;;
      --output=*) output=${1#*=} ;;
      -k | --components | --n-components) components=${2-} && shift ;;
      *) others+=("$1") ;;
    esac
    shift
  done
  if [ -z "$output" ] || [ -z "$components" ]; then
    say "needs -k K and --output DIR among the arguments of mpinmf fit; DIR is where the next run finds this one's work"
    return 2
  fi
}

# fit_until_done OUTPUT ARGUMENTS...: one run of `mpinmf fit ARGUMENTS --output OUTPUT` (or survey), from its last
# checkpoint on, and what has to follow it.
fit_until_done() {
  local output=$1 code
  local mark=$output/.idle-runs
  shift
  mkdir -p "$output" || return 4
  begin_run "$output" "$mark" || return
  record_environment "$output/environment.txt"
  stop_asked='' cancelled=''
  trap ask_to_stop USR1
  trap 'cancelled=yes' TERM
  launch "$MPINMF" "${COMMAND:-fit}" "$@" --output "$output" --checkpoint --checkpoint-every "${CHECKPOINT_EVERY:-10min}" --resume ||
    return
  wait_for_ranks
  code=$?
  # scancel, or Slurm that takes the nodes back and requeues by itself
  [ -z "$cancelled" ] || return "$code"
  if [ "$code" -eq 0 ]; then rm -f "$mark"; fi
  if [ "$code" -eq 0 ] || { [ "$code" -ne 75 ] && [ -z "$stop_asked" ]; }; then return "$code"; fi
  # 75 alone proves nothing: mpirun may return it for a rank that stopped while another was killed
  if is_newer_there "$output" "$mark"; then
    echo 0 >"$mark"
  elif [ "$(cat "$mark")" -ge "$most_idle_runs" ]; then
    give_up "$mark"
    return
  fi
  run_again
  return 75
}
