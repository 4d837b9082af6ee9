#!/usr/bin/env bash
# jobs/fit.sbatch on a Slurm of 3 nodes, with srun and with mpirun: a factorization that is longer than its time limit
# finishes over several requeues by itself, with the bits of an undisturbed one; scancel ends it for good; the crash of a
# node, and the end of a job that may not be requeued, do not.
set -uo pipefail
# shellcheck source=tests/cluster/support.sh
. "$(dirname "$0")/support.sh"
require_cluster_tests
start_slurm -n 3 -c 2
"$MPINMF" generate sparse-counts --rows 3000 --columns 700 --density 0.02 --output V.csr >log || fail generate
# long enough to be stopped several times
fit=(V.csr -k 12 --rule hals --extrapolate no --tolerance 0 --max-iterations "${MPINMF_CLUSTER_ITERATIONS:-4000}")
shape=(--nodes=2 --ntasks-per-node=2 --mem=0 --time=10)
export CHECKPOINT_EVERY=200

# submit NAME OPTIONS...: the job writes NAME.log and the folder NAME; its number is in $job.
submit() {
  job=$(sbatch --parsable "${shape[@]}" --output="$1.log" "${@:2}" "$MPINMF_SOURCE/jobs/fit.sbatch" "${fit[@]}" \
    --output "$1") || fail "sbatch"
}
is_running() { [ "$(fact_of "$job" JobState)" = RUNNING ]; }
# Whether the run of this job that began as the Nth has written a checkpoint of its own.
has_new_checkpoint() { [ -n "$(find "$1/checkpoint" -name manifest.json -newer "$1/.idle-runs" 2>/dev/null)" ]; }
expect_same_results() {
  for factor in W H; do
    cmp "$1/$factor.npy" "$2/$factor.npy" || fail "$2/$factor.npy is not what $1 has"
  done
}

submit undisturbed
wait_until 400 is_over "$job"
expect_fact "$job" JobState COMPLETED
for text in 'modules: ' 'Open MPI' 'nodes: mn\[1-2\], tasks: 4, threads: 1'; do
  expect undisturbed/environment.txt "$text"
done

for LAUNCH in srun mpirun; do
  export LAUNCH
  name=limit-$LAUNCH
  submit "$name"
  # three time limits; Slurm's own take whole minutes
  for stop in 1 2 3; do
    wait_until 120 has_fact "$job" Restarts $((stop - 1))
    wait_until 120 is_running
    wait_until 120 has_new_checkpoint "$name"
    scancel --signal=USR1 --batch "$job"
    wait_until 120 has_fact "$job" Restarts "$stop"
  done
  wait_until 400 is_over "$job"
  expect_fact "$job" JobState COMPLETED
  expect "$name.log" 'resumes after iteration'
  expect_same_results undisturbed "$name"
  echo "$LAUNCH: done after 3 requeues"

  name=cancelled-$LAUNCH
  submit "$name"
  wait_until 120 is_running
  wait_until 120 has_new_checkpoint "$name"
  scancel "$job"
  wait_until 60 is_over "$job"
  expect_fact "$job" JobState CANCELLED
  has_new_checkpoint "$name" || fail "no checkpoint is left after scancel"
  # the same command goes on
  submit "$name"
  wait_until 400 is_over "$job"
  expect "$name.log" 'resumes after iteration'
  expect_same_results undisturbed "$name"
  echo "$LAUNCH: goes on after scancel"
done

# A real time limit, with successors in place of requeues: work for some 75 s, where each job has some 30 s.
iterations=${fit[-1]}
seconds=$(sed -n 's/^    "total": \([0-9]*\).*/\1/p' undisturbed/run.json)
fit[-1]=$((iterations * 75 / (seconds + 1)))
export LAUNCH=srun AGAIN=successor
submit successor --time=1 --signal=B:USR1@30 --no-requeue
first=$job
while [ -n "$job" ]; do
  last=$job
  wait_until 200 is_over "$job"
  job=$(squeue --noheader --format=%A | head -n 1)
done
[ "$last" -gt "$first" ] || { cat successor.log; fail "no job came after the first"; }
expect_fact "$first" Restarts 0
expect_fact "$last" JobState COMPLETED
expect successor/run.json "\"iterations\": ${fit[-1]},"
echo "srun: done by $((last - first)) successors"
unset AGAIN
fit[-1]=$iterations

submit crash
wait_until 120 is_running
wait_until 120 has_new_checkpoint crash
"$cluster/hosts-run" --kill mn2
wait_until 200 has_fact "$job" Restarts 1
wait_until 400 is_over "$job"
expect_fact "$job" JobState COMPLETED
expect_fact "$job" NodeList 'mn[1,3]'
expect crash.log 'resumes after iteration'
expect_same_results undisturbed crash
echo "srun: done on other nodes after the crash of one"
