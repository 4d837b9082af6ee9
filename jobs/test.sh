#!/usr/bin/env bash
# Installs the packages, builds everything in build/test with warnings as errors, and runs every test.
# The last lines are ctest's, and so is the exit code.
set -euo pipefail
cd "$(dirname "$0")/.."
. jobs/install.sh

install_packages jobs/packages.txt
prepare_mpi

echo "Building in build/test ..."
build_in build/test -DBUILD_TESTING=ON -DMPINMF_WARNINGS_AS_ERRORS=ON
ctest --test-dir build/test --output-on-failure --parallel "$(cores)"
