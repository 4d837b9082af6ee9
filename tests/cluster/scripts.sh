#!/usr/bin/env bash
# Every shell script of jobs/ and tests/ can be parsed (and pleases shellcheck where it is installed), jobs/fit.sbatch
# asks for what `mpinmf info` prints, and the table of jobs/gather.sbatch is that of `mpinmf fit` with several seeds.
set -uo pipefail
# shellcheck source=tests/cluster/support.sh
. "$(dirname "$0")/support.sh"

cd "$MPINMF_SOURCE" || exit 1
mapfile -t scripts < <(grep -rlE '^#!/(usr/bin/env |bin/)bash|^# shellcheck shell=bash' jobs tests --include='*.sh' \
  --include='*.sbatch' --include='hosts-*' --include='slurm-*')
[ ${#scripts[@]} -ge 15 ] || fail "found only ${#scripts[@]} scripts"
for script in "${scripts[@]}"; do
  bash -n "$script" || fail "$script cannot be parsed"
done
if command -v shellcheck >/dev/null; then shellcheck --severity=warning -x "${scripts[@]}" || fail shellcheck; fi

"$MPINMF" info --shape 12e6x50000 --nonzeros 2e9 -k 50 --node-cores 64 --node-memory 256G >"$work/info"
mapfile -t asked < <(grep -oE '^#SBATCH --[a-z-]+=' "$work/info")
[ ${#asked[@]} -ge 4 ] || fail "info prints no script"
for line in "${asked[@]}"; do
  for script in jobs/fit.sbatch jobs/restarts.sbatch; do
    grep -q "^$line" $script || fail "$script lacks $line, which info prints"
  done
done
mapfile -t asked < <(grep -oE '^srun .* mpinmf' "$work/info" | grep -oE '\--[a-z-]+')
for option in "${asked[@]}"; do
  grep -qE "srun .*$option=" jobs/fit_until_done.sh || fail "info's srun has $option, fit_until_done.sh has not"
done

cd "$work" || exit 1
"$MPINMF" generate lowrank --rows 60 --columns 40 --rank 3 --output V.npy >log || fail "generate"
# k = 10 comes after k = 2; penalties count when seeds are compared
"$MPINMF" fit V.npy -k 2,10 --restarts 3 --seed 8 --alpha-w 0.001 --output several >log || { cat log; fail "fit"; }
cp several/summary.csv expected.csv
bash "$MPINMF_SOURCE/jobs/gather.sbatch" several >log || { cat log; fail "gather"; }
# all but digits behind the 12th and seconds
without_rounding() { awk -F, -v OFS=, 'NR > 1 { $3 = sprintf("%.12g", $3); $4 = sprintf("%.9g", $4); $6 = "" } { print }' "$1"; }
diff <(without_rounding expected.csv) <(without_rounding several/summary.csv) || fail "gather's table differs"
for k in 2 10; do
  best=$(awk -F, -v k=$k '$1 == k && $8 == 1 { print $2 }' expected.csv)
  [ "$(readlink several/k$k/best)" = "seed$best" ] || fail "k$k/best is not seed$best"
done
if bash "$MPINMF_SOURCE/jobs/gather.sbatch" "$work/bin" 2>log; then fail "gathered nothing"; fi
expect log 'no results in'
echo "${#scripts[@]} scripts are as they should be"
