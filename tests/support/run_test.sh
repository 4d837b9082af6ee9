#!/usr/bin/env bash
# run_test.sh NAME COMMAND...: how ctest runs a test.
#
# In a folder for temporary files of its own: a program of Open MPI removes its session there when it ends, with the
# folders above it that are empty, also when another program is just about to make its own in them.
# Of a test that was skipped, in whole or in part, the reasons go to $MPINMF_BUILD/skipped.tsv, NAME before each,
# for the summary of jobs/test.sh.
set -uo pipefail
name=$1
shift
own=$(mktemp -d "${TMPDIR:-/tmp}/mpinmf-XXXXXX") || exit
trap 'rm -rf "$own"' EXIT
export TMPDIR=$own
# A warning in each test that OpenBLAS works with a kernel for older processors, found or asked for, would hide those
# that tests look for.
# shellcheck source=jobs/blas.sh
. "$MPINMF_SOURCE/jobs/blas.sh"
unset OPENBLAS_CORETYPE
set_blas_kernel "$MPINMF_PROGRAM"

"$@" 2>&1 | tee "$own/said"
code=${PIPESTATUS[0]}
# Catch2 is content with a tag that no case has
if [ "$code" -eq 0 ] && grep -q '^No tests ran$' "$own/said"; then
  echo "no case has the tag of this file: [NAME] of NAME_test.cpp"
  code=1
fi
skipped=77 # ctest's SKIP_RETURN_CODE
if [ "$code" -eq "$skipped" ]; then
  sed -n "s/^SKIPPED: /$name\t/p" "$own/said" | sort -u >>"$MPINMF_BUILD/skipped.tsv"
fi
exit "$code"
