#!/usr/bin/env bash
# Rules that a compiler does not check: the top level, where MPI may be called, which room includes which, and the layout
# of the code.
# Ends with 77, which ctest shows as skipped, where there is no clang-format 14: other versions break lines elsewhere.
set -euo pipefail
cd "$1"
sources() { find include src tests \( -name '*.cpp' -o -name '*.hpp' \) -print0; }

if misplaced=$(grep -rlE --include='*.[ch]pp' '\bMPI_[A-Z][a-z]' src include | grep -vE '^src/comm/|^include/mpinmf/comm\.hpp$|^src/init/scalapack\.cpp$'); then
  echo "MPI is called outside src/comm: $misplaced"
  exit 1
fi

# The floors of src/README.md, ground first: a file includes only its own floor and those below. io is one floor.
mapfile -t floors < <(awk -F '`' '/^## / { inside = /Rooms/ } inside && /^\| `/ { sub("src/", "", $2); sub("include/", "", $2); print $2 }' src/README.md)
[ "${#floors[@]}" -ge 10 ] || { echo "src/README.md has no table of rooms"; exit 1; }
climbs=$(grep -rnoE '^#include "[a-z]+/' include src | awk -v floors="${floors[*]}" -F '[:"/]' '
  BEGIN { for (n = split(floors, name, " "); n > 0; --n) floor[name[n]] = n }
  { own = $2; above = $(NF - 1) }
  !(own in floor) || !(above in floor) || floor[above] > floor[own] { print }')
if [ -n "$climbs" ]; then
  echo "included from a floor above, or of a room that src/README.md has not:"
  echo "$climbs"
  exit 1
fi

if world=$(grep -rlE '\bMPI_COMM_WORLD\b' src | grep -vxF src/comm/session.cpp); then
  echo "all ranks of MPI are used outside src/comm/session.cpp: $world"
  exit 1
fi

bash tests/style/files.sh .

allowed='^(src|include|tests|jobs|CMakeLists\.txt|README\.md|LICENSE|CMakePresets\.json|\..*)$'
if extra=$(git ls-files 2>/dev/null | cut -d/ -f1 | sort -u | grep -vE "$allowed"); then
  echo "not part of the top level: $extra"
  exit 1
fi

for formatter in clang-format-14 clang-format; do
  if "$formatter" --version 2>/dev/null | grep -q 'version 14\.'; then
    sources | xargs -0 "$formatter" --dry-run --Werror
    exit 0
  fi
done
echo "SKIPPED: clang-format 14 is not there"
exit 77
