#!/usr/bin/env bash
# Ranks on 4 hosts, over TCP: the same H on every rank, the results of one host, and what a lost link does.
set -uo pipefail
# shellcheck source=tests/cluster/support.sh
. "$(dirname "$0")/support.sh"
require_cluster_tests
start hosts-up -n 4 -c 2
# seconds; mpirun itself never ends where a link is lost
on_hosts() { timeout -k 5 240 "$cluster/hosts-run" --mpirun "$@"; }

# that H has the same bits on every rank is what these check, from inside
on_hosts -n 4 "$MPINMF_BUILD/tests/mpi_tests" '[pipeline]' >log 2>&1 || { tail -n 40 log; fail "[pipeline] on 4 hosts"; }
grep 'assertions' log

"$MPINMF" generate sparse-counts --rows 3000 --columns 700 --density 0.02 --output V.csr >log || fail generate
for loss in frobenius kullback-leibler; do
  rule=hals
  [ $loss = frobenius ] || rule=mu
  fit=("$MPINMF" fit V.csr -k 12 --loss "$loss" --rule "$rule" --extrapolate no --tolerance 0 --max-iterations 100)
  "${fit[@]}" --output one-$loss >log 2>&1 || { cat log; fail "$loss on one host"; }
  for ranks in 4 8; do
    on_hosts -n $ranks "${fit[@]}" --output $loss-$ranks >log 2>&1 || { cat log; fail "$loss, $ranks ranks"; }
    [ "$(grep -cE '"mh[1-4]": '$((ranks / 4)) $loss-$ranks/run.json)" = 4 ] || fail "$loss-$ranks: not on 4 hosts"
    for factor in W H; do
      expect_equal 1e-10 one-$loss/$factor.npy $loss-$ranks/$factor.npy
    done
  done
done

# A lost link: Open MPI waits for ever and no signal helps. A time limit ends it, and the next run goes on.
long=("$MPINMF" fit V.csr -k 12 --rule hals --extrapolate no --tolerance 0 --max-iterations 2000 --checkpoint
  --checkpoint-every 50 --resume)
on_hosts -n 4 "${long[@]}" --output undisturbed >log 2>&1 || { cat log; fail "the undisturbed run"; }
timeout -s KILL 240 "$cluster/hosts-run" --mpirun -n 4 "${long[@]}" --output cut >cut.log 2>&1 &
limit=$!
has_checkpoint() { compgen -G "cut/checkpoint/*/manifest.json" >/dev/null; }
wait_until 60 has_checkpoint
"$cluster/hosts-run" --link mh2 down
sleep 2
reached=$(ls cut/checkpoint)
launcher=$(pgrep -P "$limit")
kill -USR1 "$launcher"
sleep 10
kill -0 "$launcher" 2>/dev/null || { cat cut.log; fail "mpirun ended though a link was lost: the docs say otherwise"; }
[ "$(ls cut/checkpoint)" = "$reached" ] || fail "got on without a link"
kill -KILL "$launcher"
wait "$limit"
"$cluster/hosts-run" --kill mh2
# the other hosts go on, with as many ranks: the same bits
on_hosts -n 4 -host mh1:2,mh3:1,mh4:1 "${long[@]}" --output cut >log 2>&1 || { cat log; fail "resuming"; }
expect log 'resumes after iteration'
for factor in W H; do
  expect_equal 1e-10 undisturbed/$factor.npy cut/$factor.npy
done
