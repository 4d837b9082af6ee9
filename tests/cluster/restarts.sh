#!/usr/bin/env bash
# jobs/restarts.sbatch as an array on a Slurm of 2 nodes, and jobs/gather.sbatch, which waits for it.
set -uo pipefail
# shellcheck source=tests/cluster/support.sh
. "$(dirname "$0")/support.sh"
require_cluster_tests
start_slurm -n 2 -c 2
"$MPINMF" generate lowrank --rows 300 --columns 60 --rank 4 --output V.npy >log || fail generate
fit=(V.npy -k "3,5" --max-iterations 200)

job=$(sbatch --parsable --array=0-5%2 --ntasks-per-node=2 --mem=0 "$MPINMF_SOURCE/jobs/restarts.sbatch" "${fit[@]}" \
  --output several) || fail sbatch
gather=$(sbatch --parsable --mem=0 --dependency="afterok:$job" --output=gather.log "$MPINMF_SOURCE/jobs/gather.sbatch" \
  several) || fail sbatch
wait_until 200 is_over "$gather"
expect_fact "$gather" JobState COMPLETED

# what one run of all would have written, and its best of each k
mpirun -n 2 "$MPINMF" fit "${fit[@]}" --restarts 3 --output one >log 2>&1 || { cat log; fail "fit"; }
without_seconds() { awk -F, -v OFS=, '{ $6 = "" } NR > 1 { $3 = sprintf("%.9g", $3); $4 = sprintf("%.7g", $4) } { print }' "$1"; }
diff <(without_seconds one/summary.csv) <(without_seconds several/summary.csv) || fail "the tables differ"
for k in 3 5; do
  [ -f several/k$k/best/W.npy ] || fail "no best result of k = $k"
done

# where one task fails, nothing is gathered
job=$(sbatch --parsable --array=0-1 --mem=0 --ntasks-per-node=2 "$MPINMF_SOURCE/jobs/restarts.sbatch" missing.npy \
  -k 3,5 --output never) || fail sbatch
gather=$(sbatch --parsable --mem=0 --dependency="afterok:$job" "$MPINMF_SOURCE/jobs/gather.sbatch" never) || fail sbatch
wait_until 200 is_over "$gather"
expect_fact "$gather" JobState CANCELLED
echo "an array of 6 tasks, its table and its failure"
