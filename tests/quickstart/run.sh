#!/usr/bin/env bash
# README's first command and those of its section Build, in a copy of the sources: quickstart twice (the second run is
# quick and changes no result), then cmake's lines as they stand there.
set -euo pipefail
source_folder=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$source_folder"
cp -r src include tests jobs CMakeLists.txt README.md "$work"
cd "$work"
unset OMPI_MCA_pml OMPI_MCA_ess_singleton_isolated  # MPI as users have it
# half the time to compile; an optimised build is what all other tests run
export CMAKE_BUILD_TYPE=Debug

bash jobs/quickstart.sh | tee first
grep -q '16 of 16' first
sum_before=$(sha256sum build/quickstart/swimmer.nmf/*.npy)
before=$SECONDS
bash jobs/quickstart.sh >second
seconds=$((SECONDS - before))
grep -q '16 of 16' second
[ "$(sha256sum build/quickstart/swimmer.nmf/*.npy)" = "$sum_before" ] || { echo "a second run changed results"; exit 1; }
[ "$seconds" -lt 60 ] || { echo "a second run took $seconds s"; exit 1; }

mapfile -t commands < <(awk '/^```sh$/ { inside = 1; next } /^```$/ { inside = 0 } inside && /^cmake/' README.md)
[ ${#commands[@]} -ge 3 ]
for command in "${commands[@]}"; do
  echo "+ $command"
  $command >log 2>&1 || { cat log; exit 1; }
done
installed/bin/mpinmf --version
