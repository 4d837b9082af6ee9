#!/usr/bin/env bash
# files.sh ROOT: no files include each other in a circle, and none is long without a reason. Says every violation.
set -euo pipefail
cd "$1"
bad=0

files() { find include src \( -name '*.cpp' -o -name '*.hpp' \) | sort; }

# Lines "file included-file", as the compiler finds it: beside the file, then in src, then in include.
includes() {
  # shellcheck disable=SC2046  # no name has a blank
  grep -HoE '^#include "[^"]+"' $(files) | sed -E 's/^([^:]+):#include "(.*)"$/\1 \2/' | while read -r file name; do
    for path in "${file%/*}/$name" "src/$name" "include/$name"; do
      [ -e "$path" ] && break
    done
    echo "$file $path"
  done
}
if ! circle=$(includes | tsort 2>&1 >/dev/null); then
  echo "files include each other in a circle: $circle"
  bad=1
fi

# Tests are not counted: each case is read by itself.
most_lines=300
declare -A reasons=(
)
for file in $(files); do
  lines=$(wc -l <"$file")
  if [ "$lines" -gt "$most_lines" ] && [ -z "${reasons[$file]:-}" ]; then
    echo "$file has $lines lines, more than $most_lines: split it, or say in tests/style/files.sh why not"
    bad=1
  fi
  if [ "$lines" -le "$most_lines" ] && [ -n "${reasons[$file]:-}" ]; then
    echo "$file has $lines lines and needs no reason in tests/style/files.sh any more"
    bad=1
  fi
done
exit "$bad"
