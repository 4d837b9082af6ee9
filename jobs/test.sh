#!/usr/bin/env bash
# Installs the packages, builds everything in build/test with warnings as errors, and runs every test.
# The last lines are ctest's, and so is the exit code.
#
#   MPINMF_CLUSTER_TESTS=1 bash jobs/test.sh     installs Slurm, too, and runs the tests on a real Slurm and on simulated
#                                                hosts, which need root and some 10 minutes; otherwise they are skipped
set -euo pipefail
cd "$(dirname "$0")/.."
. jobs/install.sh
. jobs/blas.sh

install_packages jobs/packages.txt
if [ "${MPINMF_CLUSTER_TESTS:-}" = 1 ]; then install_packages jobs/packages-cluster.txt; fi
prepare_mpi

echo "Building in build/test ..."
build_in build/test -DBUILD_TESTING=ON -DMPINMF_WARNINGS_AS_ERRORS=ON
set_blas_kernel build/test/mpinmf
skipped=build/test/skipped.tsv # written by tests/support/run_test.sh
rm -f "$skipped"
# one more than cores: tests also wait, for files, for programs to start and for each other
ctest --test-dir build/test --output-on-failure --parallel "$(($(cores) + 1))" | with_skipped "$skipped"
