#!/usr/bin/env bash
# The first command of README.md and those of the section Build of jobs/README.md, in a copy of the sources: quickstart
# twice (the second run is quick and changes no result), then cmake's lines as they stand there. Objects come from the
# build under test, as compiling them once more takes five minutes; with MPINMF_LONG_TESTS=1 they are compiled.
set -euo pipefail
source_folder=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$source_folder"
cp -r src include tests jobs CMakeLists.txt README.md "$work"
cd "$work"
unset OMPI_MCA_pml OMPI_MCA_ess_singleton_isolated  # MPI as users have it
if [ "${MPINMF_LONG_TESTS:-}" = 1 ]; then
  export CMAKE_BUILD_TYPE=Debug  # half the time to compile
else
  cached() { sed -n "s/^$1:[A-Z]*=//p" "$MPINMF_BUILD/CMakeCache.txt"; }
  CMAKE_BUILD_TYPE=$(cached CMAKE_BUILD_TYPE)
  CXXFLAGS=$(cached CMAKE_CXX_FLAGS)
  export CMAKE_BUILD_TYPE CXXFLAGS CMAKE_CXX_COMPILER_LAUNCHER="bash;$source_folder/tests/quickstart/objects.sh"
fi

bash jobs/quickstart.sh | tee first
grep -q '16 of 16' first

# what it says at its end works as it stands there, where nothing else is set
mapfile -t lines < <(sed -n '/^Your own matrix/,/^build\/env.sh/s/^  //p' first)
[ "${lines[0]}" = ". $work/build/env.sh" ] || { echo "quickstart says: ${lines[0]}"; exit 1; }
mkdir own
(cd own && env -i PATH=/usr/bin:/bin HOME="$HOME" bash -ec "${lines[0]}
  mpinmf generate lowrank --rows 60 --columns 30 --rank 4 --output V.npy
  timeout -k 5 60 ${lines[1]}
  timeout -k 5 60 mpirun -n $(($(nproc) + 2)) mpinmf fit V.npy -k 3 --output more") || { echo "build/env.sh"; exit 1; }
[ -f own/V.npy.nmf/run.json ]

# minutes are not spent in silence
(. jobs/install.sh && progress_every=1 && with_progress log sh -c 'echo "[1/2] a.cpp"; sleep 2.5; echo end') >said
grep -qE '^ +1 s  \[1/2\] a\.cpp$' said || { cat said; exit 1; }
if (. jobs/install.sh && with_progress log sh -c 'echo "no such header"; exit 7') >said; then exit 1; else [ $? -eq 7 ]; fi
grep -q 'no such header' said
sum_before=$(sha256sum build/quickstart/swimmer.nmf/*.npy)
before=$SECONDS
bash jobs/quickstart.sh >second
seconds=$((SECONDS - before))
grep -q '16 of 16' second
[ "$(sha256sum build/quickstart/swimmer.nmf/*.npy)" = "$sum_before" ] || { echo "a second run changed results"; exit 1; }
[ "$seconds" -lt 60 ] || { echo "a second run took $seconds s"; exit 1; }

mapfile -t commands < <(awk '/^```sh$/ { inside = 1; next } /^```$/ { inside = 0 } inside && /^cmake/' jobs/README.md)
[ ${#commands[@]} -ge 3 ]
for command in "${commands[@]}"; do
  echo "+ $command"
  $command >log 2>&1 || { cat log; exit 1; }
done
installed/bin/mpinmf --version
