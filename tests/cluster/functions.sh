#!/usr/bin/env bash
# What the functions of jobs/*.sh do, with stand-ins for the programs that they call.
set -uo pipefail
# shellcheck source=tests/cluster/support.sh
. "$(dirname "$0")/support.sh"
# shellcheck source=jobs/install.sh
. "$MPINMF_SOURCE/jobs/install.sh"

# expect_text EXPECTED: standard input is that.
expect_text() {
  diff <(printf '%s\n' "$1") - || fail "not what was expected: the lines marked <"
}

# Tests that are skipped, in whole or in part, say why, before ctest's closing lines; its exit code stays.
run_test() { MPINMF_BUILD=$work bash "$MPINMF_SOURCE/tests/support/run_test.sh" "$@" >said 2>&1; }
run_test mpi.np10 sh -c 'echo "SKIPPED: no data"; echo "SKIPPED: no data"; exit 77'
[ $? -eq 77 ] || fail "a skipped test is not shown as one"
expect said 'SKIPPED: no data'
run_test mpi.np2 sh -c 'echo "SKIPPED: no data"; echo "SKIPPED: slow"; exit 77'
run_test good sh -c 'echo "SKIPPED: is not looked at"; echo $TMPDIR >own; touch $TMPDIR/file' || fail "a good test failed"
[ ! -e "$(cat own)" ] || fail "temporary files are left"
run_test bad sh -c 'exit 3'
[ $? -eq 3 ] || fail "the exit code of a test is lost"
closing='100% tests passed, 0 tests failed out of 4

Total Test time (real) =   0.01 sec'
code=0
(printf '4/4 Test #4\n\n%s\n' "$closing" && exit 8) | with_skipped skipped.tsv >said || code=$?
[ $code -eq 8 ] || fail "ctest's exit code is lost"
expect_text "4/4 Test #4

Skipped, in whole or in part:
  no data: mpi.np2 mpi.np10
  slow: mpi.np2

$closing" <said
echo "$closing" | with_skipped nothing.tsv | expect_text "$closing" || exit 1
echo "the functions of jobs/ do what they say"
