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
# The kernel of OpenBLAS is set where the program says that it is needed, unless it is set, and not for nodes that differ.
# shellcheck source=jobs/blas.sh
. "$MPINMF_SOURCE/jobs/blas.sh"
mkdir bin
export PATH=$work/bin:$PATH
unset OPENBLAS_CORETYPE SLURM_JOB_NUM_NODES
cat >bin/slow <<'C'
#!/bin/bash
printf 'mpinmf 1\nvectors: v3 (AVX2, FMA)\nwarning: OpenBLAS works with its kernel Prescott: slow; set OPENBLAS_CORETYPE=Haswell\n'
C
printf '#!/bin/bash\necho "mpinmf 1"\n' >bin/fast
printf '#!/bin/bash\ncat "%s/flags"\n' "$work" >bin/srun
chmod +x bin/*
# kernel_for PROGRAM: what is set for it
kernel_for() { (set_blas_kernel "$1" >said && echo "${OPENBLAS_CORETYPE:-none}"); }
kernel_for slow | expect_text Haswell || exit 1
expect said 'export OPENBLAS_CORETYPE=Haswell'
kernel_for fast | expect_text none || exit 1
kernel_for absent | expect_text none || exit 1
OPENBLAS_CORETYPE=Zen kernel_for slow | expect_text Zen || exit 1
printf 'flags: avx2\nflags: avx2\n' >flags
SLURM_JOB_NUM_NODES=2 kernel_for slow | expect_text Haswell || exit 1
printf 'flags: avx2\nflags: sse3\n' >flags
SLURM_JOB_NUM_NODES=2 kernel_for slow | expect_text none || exit 1
# what the program itself says is understood
said=$("$MPINMF" --version | sed -n 's/^vectors: \([a-z0-9]*\).*/\1/p')
if [[ $said = v* ]] && "$MPINMF" --version | grep -q 'OpenBLAS .*DYNAMIC_ARCH'; then
  export MPINMF_SIMD=v3
  [ "$(OPENBLAS_CORETYPE=Prescott "$MPINMF" --version | blas_kernel_advised)" = Haswell ] || fail "the advice is not understood"
fi
echo "the functions of jobs/ do what they say"
