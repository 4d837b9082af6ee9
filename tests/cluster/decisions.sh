#!/usr/bin/env bash
# shellcheck disable=SC2016 # what $RUN says is expanded by the stand-in
# What jobs/fit.sbatch decides at the end of a run, without any Slurm: srun, scontrol, sbatch and squeue are stand-ins
# that note how they were called, and so is mpinmf, which does what $RUN says.
set -uo pipefail
# shellcheck source=tests/cluster/support.sh
. "$(dirname "$0")/support.sh"

mkdir bin
export PATH=$work/bin:$PATH SLURM_JOB_ID=7 SLURM_NTASKS=2 SLURM_JOB_NUM_NODES=1 SLURM_JOB_NAME=long \
  SLURM_JOB_PARTITION=main SLURM_NTASKS_PER_NODE=2 SLURM_MEM_PER_NODE=1024 MPINMF_JOBS=$MPINMF_SOURCE/jobs
for tool in scontrol sbatch squeue mpirun; do
  printf '#!/bin/bash\necho "%s $*" >>"%s/calls"\n' $tool "$work" >bin/$tool
done
cat >bin/srun <<'C'
#!/bin/bash
[ "$1" != --version ] || exit 0
while [[ $1 = --* ]]; do shift; done
exec "$@"
C
cat >bin/mpinmf <<'C'
#!/bin/bash
[ "$1" != --version ] || { echo "mpinmf stand-in"; exit 0; }
echo "mpinmf $*" >>"${0%/bin/*}/calls"
checkpoint() { mkdir -p out/checkpoint/"$1" && echo {} >out/checkpoint/"$1"/manifest.json; }
eval "$RUN"
C
chmod +x bin/*
MPINMF=mpinmf

# run_job EXPECTED_CODE: one run of the job; what it called is in the file calls.
run_job() {
  local code=0
  : >calls
  sleep 0.02 # a checkpoint is newer than a start only where the clock of files has moved on
  bash "$MPINMF_SOURCE/jobs/fit.sbatch" V.npy -k 3 --output out --loss "it's 1" >log 2>&1 || code=$?
  [ "$code" -eq "$1" ] || { cat log; fail "RUN='$RUN' ended with $code, not $1"; }
}
requeues() { grep -c '^scontrol requeue 7$' calls; }
export RUN

RUN='exit 0' run_job 0
expect calls "^mpinmf fit V.npy --loss it's 1 -k 3 --output out --checkpoint --checkpoint-every 10min --resume$"
expect out/environment.txt 'mpinmf stand-in'
[ "$(requeues)" -eq 0 ] || fail "requeued a job that was done"

COMMAND=survey RUN='exit 0' run_job 0
expect calls "^mpinmf survey V.npy --loss it's 1 -k 3 --output out --checkpoint --checkpoint-every 10min --resume$"

for code in 4 139; do
  RUN="checkpoint n$code; exit $code" run_job "$code"
  [ "$(requeues)" -eq 0 ] || fail "requeued after a fault"
done

RUN='checkpoint a; exit 75' run_job 75
[ "$(requeues)" -eq 1 ] || fail "not requeued after a checkpoint"

# the launcher may make any code of it; the stand-in is asked by the shell that it runs under
stops='trap "STOP" USR1; for i in 1 2 3 4 5 6; do kill -USR1 $PPID; sleep 0.5 & wait $!; done'
RUN=${stops/STOP/checkpoint b; exit 1} run_job 75
[ "$(requeues)" -eq 1 ] || fail "not requeued after the signal"

# ranks that are stuck: only the file system says what they have reached
RUN='checkpoint c; trap "" USR1; kill -USR1 $PPID; sleep 4' SECONDS_TO_STOP=1 run_job 75
expect log 'the ranks do not stop'
[ "$(requeues)" -eq 1 ] || fail "not requeued after a hang"

# an unfinished checkpoint is none; the third run without any is the last
for expected in 75 75 4; do
  RUN='checkpoint checkpoint-9.partial-x; exit 75' run_job $expected
done
[ "$(requeues)" -eq 0 ] || fail "requeued after three idle runs"
expect log 'gives up after 3 runs'
RUN='checkpoint d; exit 0' run_job 4
if grep -q '^mpinmf' calls; then fail "ran though it had given up"; fi
rm out/.idle-runs
# a run between them that got on
for run in 'exit 75' 'exit 75' 'checkpoint e; exit 75' 'exit 75' 'exit 75'; do
  RUN=$run run_job 75
done
# runs that were killed count, too
echo 3 >out/.idle-runs
RUN='exit 0' run_job 4
rm out/.idle-runs

RUN='checkpoint f; exit 75' AGAIN=successor run_job 75
expect calls '^sbatch --dependency=afterany:7 .*--job-name=long .*--nodes=1 --ntasks=2 .*--mem=1024M .*fit.sbatch V.npy --loss it.s 1 -k 3 --output out$'
[ "$(requeues)" -eq 0 ] || fail "requeued besides its successor"
RUN='checkpoint g; exit 75' AGAIN=no run_job 75
[ "$(requeues)" -eq 0 ] || fail "requeued though told not to"

RUN='checkpoint h; kill -TERM $PPID; sleep 0.2; exit 75' run_job 75
[ "$(requeues)" -eq 0 ] || fail "requeued a job that was cancelled"

if bash "$MPINMF_SOURCE/jobs/fit.sbatch" V.npy -k 3 >log; then fail "went on without --output"; fi
expect log 'needs -k K and --output DIR'
echo "all decisions as they should be"
