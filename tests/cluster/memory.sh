#!/usr/bin/env bash
# A dense V eight times larger than the memory that a control group allows: taken to disk unasked, which is said, with the
# bits of a fit in memory and within what info predicts; and refused where it must not go there, before it is read.
set -uo pipefail
# shellcheck source=tests/cluster/support.sh
. "$(dirname "$0")/support.sh"
require_cluster_tests
allowed=$((128 * 1024 * 1024))
if [ -d /sys/fs/cgroup/memory ]; then # version 1
  group=/sys/fs/cgroup/memory/mpinmf-$$ limit=memory.limit_in_bytes
else
  group=/sys/fs/cgroup/mpinmf-$$ limit=memory.max
fi
trap 'rmdir "$group" 2>/dev/null; clean_up' EXIT
if ! mkdir "$group" 2>/dev/null || ! (echo $allowed >"$group/$limit") 2>/dev/null; then
  skip "control groups of memory cannot be made here; that needs root"
fi

# Runs "$@" in the group.
limited() { (echo "$BASHPID" >"$group/cgroup.procs" && exec "$@"); }
peak_of() { python3 -c 'import json, sys; print(int(json.load(open(sys.argv[1]))["peak_memory_bytes_per_rank"]))' "$1/run.json"; }

"$MPINMF" generate lowrank --rows 20000 --columns 6400 --rank 3 --noise 0.1 --output v.npy >log || fail generate
[ "$(stat -c %s v.npy)" -gt $((7 * allowed)) ] || fail "v.npy is too small to show anything"
fit=(fit v.npy -k 8 --max-iterations 3 --tolerance 0 --scratch .)

limited timeout -k 5 200 "$MPINMF" "${fit[@]}" --output disk >out 2>err || { cat err; fail "the fit in the group"; }
expect err 'V is larger than the memory: .* (--storage disk)$'
"$MPINMF" "${fit[@]}" --storage memory --quiet --output memory || fail "the fit in memory"
for factor in W H; do cmp "disk/$factor.npy" "memory/$factor.npy" || fail "$factor is not that of a fit in memory"; done
[ "$(ls -A)" = "$(printf '%s\n' disk err log memory out v.npy)" ] || { ls -A; fail "something is left in the scratch folder"; }

predicted=$("$MPINMF" info v.npy --header-only -k 8 --storage disk | sed -n 's/^memory a rank needs.*: \([0-9]*\)[0-9.]* MiB$/\1/p')
peak=$(($(peak_of disk) / 1024 / 1024))
echo "peak $peak MiB, predicted $predicted MiB, allowed $((allowed / 1024 / 1024)) MiB"
[ $((peak * 100)) -le $((predicted * 115)) ] || fail "more memory than predicted"

code=0
limited timeout -k 5 100 "$MPINMF" "${fit[@]}" --storage memory --output none >out 2>err || code=$?
[ $code -eq 4 ] || { cat err; fail "exit code $code, not 4"; }
expect err 'too large for the memory .* --storage disk'
[ ! -e none ] || fail "a refused fit left a folder"
