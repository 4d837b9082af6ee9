#!/usr/bin/env bash
# Installs the packages, builds everything in build/test with warnings as errors, and runs every test.
# The last lines are ctest's, and so is the exit code.
set -euo pipefail
cd "$(dirname "$0")/.."
. jobs/install.sh

install_packages jobs/packages.txt
prepare_mpi

# other versions of clang-format lay some lines out differently
if clang-format --version 2>/dev/null | grep -q 'version 14\.' && git rev-parse --git-dir >/dev/null 2>&1; then
  git ls-files -z -- '*.cpp' '*.hpp' | xargs -0 -r clang-format --dry-run --Werror
fi

echo "Building in build/test ..."
build_in build/test -DBUILD_TESTING=ON -DMPINMF_WARNINGS_AS_ERRORS=ON
ctest --test-dir build/test --output-on-failure --parallel "$(nproc)"
