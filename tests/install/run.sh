#!/usr/bin/env bash
# Installs the build into an empty folder, builds the C++ examples of include/mpinmf/README.md with find_package(mpinmf), runs them.
set -euo pipefail
source_folder=$1 build_folder=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cmake --install "$build_folder" --prefix "$work/prefix" >"$work/log" || { cat "$work/log"; exit 1; }
"$work/prefix/bin/mpinmf" --version
for file in man/man1/mpinmf.1 man/man1/mpinmf-fit.1 man/man1/mpinmf-status.1 bash-completion/completions/mpinmf; do
  [ -s "$work/prefix/share/$file" ] || { echo "share/$file is not installed"; exit 1; }
done
mkdir "$work/consumer"
cp "$source_folder/tests/install/CMakeLists.txt" "$work/consumer"
page=$source_folder/include/mpinmf/README.md
# the examples are the two cpp blocks of the page
awk -v to="$work/consumer/example" '/^```cpp$/ { inside = 1; ++count; next } /^```$/ { inside = 0 }
  inside { print > (to count ".cpp") }' "$page"
for example in 1 2; do
  grep -q 'fit' "$work/consumer/example$example.cpp" || { echo "$page has no C++ example $example"; exit 1; }
done
# another MPI comes first in the PATH: the library's own is taken
mkdir "$work/bin"
for tool in mpicxx mpiexec; do printf '#!/bin/sh\nexec %s "$@"\n' "$(command -v $tool)" >"$work/bin/$tool"; done
chmod +x "$work"/bin/*
PATH=$work/bin:$PATH cmake -S "$work/consumer" -B "$work/consumer/build" -DCMAKE_PREFIX_PATH="$work/prefix" >"$work/log" 2>&1 &&
  cmake --build "$work/consumer/build" >>"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
if grep "$work/bin/mpicxx" "$work/consumer/build/CMakeCache.txt"; then exit 1; fi
cd "$work"
"$work/prefix/bin/mpinmf" generate lowrank --rows 200 --columns 50 --rank 4 --output V.npy >/dev/null
for ranks in 1 3; do
  timeout -k 5 60 mpirun -n "$ranks" "$work/consumer/build/consumer" V.npy | tee out
  grep -q 'reconstruction error' out
done
timeout -k 5 60 mpirun -n 2 "$work/consumer/build/own-rows" | tee out
grep -qE '^reconstruction errors [0-9.]+, [0-9.]+, [0-9.]+$' out
# its faults are those of the program: one message, and the exit code of all ranks
code=0
timeout -k 5 60 mpirun -n 3 "$work/consumer/build/consumer" missing.npy 2>err || code=$?
[ "$code" -eq 4 ] || { cat err; echo "the example ends with $code where a file is missing"; exit 1; }
[ "$(grep -c '^missing.npy: cannot open it' err)" -eq 1 ] || { cat err; exit 1; }
# and the page says how CMake finds the library
grep -q 'CMAKE_PREFIX_PATH=' "$page"
