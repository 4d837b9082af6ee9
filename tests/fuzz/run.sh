#!/usr/bin/env bash
# run.sh FORMAT [SECONDS]: feeds the reader of a format with what libFuzzer makes of small valid files, in build/fuzz (the preset
# fuzz; built by the first run), for so many seconds (20). Finds are left in build/fuzz/found; files that were found
# once and must stay harmless are in tests/fuzz/found.
set -euo pipefail
cd "$(dirname "$0")/../.."
format=$1
seconds=${2:-20}
program=${MPINMF_PROGRAM:-$PWD/build/test/mpinmf}

command -v clang++ >/dev/null || { echo "SKIPPED: clang++ is not installed (apt-get install clang)"; exit 77; }
[ -x build/fuzz/tests/fuzz_readers ] || {
  cmake --preset fuzz >build/fuzz.log
  cmake --build --preset fuzz >>build/fuzz.log || { tail -n 30 build/fuzz.log; exit 1; }
}

# Seeds: one small matrix, dense and sparse, in every form of the format that mpinmf writes; others are kept as text.
work=$(mktemp -d "${TMPDIR:-/tmp}/mpinmf-fuzz-XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir "$work/seeds"
printf '%%%%MatrixMarket matrix coordinate integer general\n4 3 5\n1 1 2\n2 3 1\n4 1 7\n4 2 1\n4 3 3\n' >"$work/sparse.mtx"
printf ',a,b,c\nr,1,2.5,0\ns,0,1,4\n' >"$work/dense.csv"
seed() { "$program" convert "$work/$1" "$work/$2" >/dev/null && { [ -d "$work/$2" ] || mv "$work/$2" "$work/seeds/"; }; }
# a folder as one file: how long each of its files is, then these
pack() {
  (cd "$1" && { for file in *; do echo "$file $(stat -c %s "$file")"; done && echo && cat -- *; }) >"$2"
}
case $format in
  csr)
    seed sparse.mtx folder
    pack "$work/folder" "$work/seeds/csr"
    ;;
  npy | csv | tsv | table) seed dense.csv "d.${format/table/csv}" ;;
  mtx | npz | h5 | h5ad | hdf5)
    ending=${format/hdf5/h5}
    seed dense.csv "d.$ending"
    seed sparse.mtx "s.$ending"
    [ "$ending" != h5 ] || { seed dense.csv d.h5ad && seed sparse.mtx s.h5ad; }
    ;;
esac
for kept in tests/fuzz/seeds/"$format"/* tests/fuzz/found/"$format"/*; do
  [ ! -f "$kept" ] || cp "$kept" "$work/seeds/"
done
mkdir -p build/fuzz/found
[ "$format" != csr ] || export MPINMF_FUZZ_FOLDER=yes
MPINMF_FUZZ_FORMAT=$format ASAN_OPTIONS=detect_leaks=0 OMP_NUM_THREADS=1 build/fuzz/tests/fuzz_readers "$work/seeds" \
  -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=2048 -malloc_limit_mb=512 -verbosity=0 -print_final_stats=1 \
  -artifact_prefix="build/fuzz/found/$format-"
