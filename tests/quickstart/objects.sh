#!/usr/bin/env bash
# objects.sh COMPILER ARGUMENT...: in place of a compiler (CMAKE_CXX_COMPILER_LAUNCHER). An object that the build under
# test has, of the same name, is copied from there, since the sources are the same; others are compiled.
set -euo pipefail
object="" dependencies=""
for ((i = 1; i < $#; i++)); do
  next=$((i + 1))
  case ${!i} in
    -o) object=${!next} ;;
    -MF) dependencies=${!next} ;;
  esac
done
if [ -z "$object" ] || [ ! -f "$MPINMF_BUILD/$object" ]; then exec "$@"; fi
cp "$MPINMF_BUILD/$object" "$object"
if [ -n "$dependencies" ]; then echo "$object:" >"$dependencies"; fi
