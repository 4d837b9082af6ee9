#!/usr/bin/env bash
# run.sh [SECONDS [FORMAT...]]: gives each reader what libFuzzer makes of small valid files, under the address and undefined
# behaviour sanitizers, for so many seconds (20). Builds build/fuzz (preset fuzz; needs clang), and takes build/test/mpinmf
# and python3 to write seeds. What is found lies in build/fuzz/tests/found.
#
#   MPINMF_FUZZER=PROGRAM bash tests/fuzz/run.sh 1    the same with a program that is there (ctest's fuzz.smoke: mutations.cpp)
set -euo pipefail
cd "$(dirname "$0")/../.."
. jobs/install.sh
prepare_mpi
seconds=${1:-20}
shift || true
formats=("$@")
[ $# -gt 0 ] || formats=(npy npz matrix-market table libsvm bag-of-words matlab csr 10x images raw hdf5)
program=${MPINMF_PROGRAM:-$PWD/build/test/mpinmf} fuzzer=${MPINMF_FUZZER:-$PWD/build/fuzz/tests/fuzz_readers}
found=$(dirname "$fuzzer")/found

if [ -z "${MPINMF_FUZZER:-}" ]; then
  cmake --preset fuzz >/dev/null
  cmake --build --preset fuzz
fi
mkdir -p "$found"
work=$(mktemp -d "${TMPDIR:-/tmp}/mpinmf-fuzz-XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
printf '%%%%MatrixMarket matrix coordinate integer general\n4 3 5\n1 1 2\n2 3 1\n4 1 7\n4 2 1\n4 3 3\n' >s.mtx
printf ',a,b,c\nr,1,2.5,0\ns,0,1,4\n' >d.csv

write() { "$program" convert "$1" "$2" >/dev/null; }
# stdin in blocks of gzip, of so many bytes each
bgzip() {
  python3 -c '
import struct, sys, zlib
text = sys.stdin.buffer.read()
step = int(sys.argv[1])
for at in [*range(0, len(text), step), len(text)]:
    block = text[at:at + step]
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    packed = packer.compress(block) + packer.flush()
    head = b"\x1f\x8b\x08\x04" + bytes(5) + b"\xff\x06\0BC\x02\0" + struct.pack("<H", len(packed) + 25)
    sys.stdout.buffer.write(head + packed + struct.pack("<II", zlib.crc32(block), len(block)))' "$1"
}
# a folder as one file: how long each of its files is, then these
pack() { (cd "$1" && for file in *; do echo "$file $(stat -c %s "$file")"; done && echo && cat -- *) >"$2"; }
from_scipy() {
  /usr/bin/python3 - 2>/dev/null <<'PYTHON' || echo "$format: without what SciPy writes" >&2
import numpy as np, scipy.io, scipy.sparse as s
S = s.random(6, 4, 0.4, format='csc', random_state=0)
for kind in ('coo', 'dia', 'bsr'):
    s.save_npz(f'seeds/{kind}.npz', S.asformat(kind))
for packed in (False, True):
    scipy.io.savemat(f'seeds/d{packed:d}.mat', {'V': S.toarray()}, do_compression=packed)
    scipy.io.savemat(f'seeds/s{packed:d}.mat', {'V': S}, do_compression=packed)
PYTHON
}
from_h5py() {
  /usr/bin/python3 - 2>/dev/null <<'PYTHON' || echo "$format: without what h5py writes" >&2
import h5py, numpy as np, scipy.sparse as s
S = s.random(6, 4, 0.4, format='csc', random_state=0)
V, R, cells, genes = S.toarray(), S.tocsr(), np.array(list('abcdef'), 'S'), np.array(list('uvwx'), 'S')
def write(name, libver='earliest', **how):
    return h5py.File(f'seeds/{name}', 'w', libver=libver, **how)
def sparse(f, place, M, **attributes):
    for array in ('data', 'indices', 'indptr'):
        f[f'{place}/{array}'] = getattr(M, array)
    for name, value in attributes.items():
        f[place].attrs[name] = value
for libver in ('earliest', 'latest'):
    with write(f'gzip-{libver}.h5', libver) as f:
        f.create_dataset('V', data=V, chunks=(3, 2), compression='gzip', shuffle=True)
    with write(f'csc-{libver}.h5ad', libver) as f:
        f.attrs['encoding-type'] = 'anndata'
        sparse(f, 'X', S, **{'encoding-type': 'csc_matrix', 'shape': S.shape})
        f['obs/_index/codes'], f['obs/_index/categories'] = np.array([0, 1] * 3, 'i1'), genes[:2]
with write('lzf.h5') as f:
    f.create_dataset('V', data=V, chunks=(3, 4), compression='lzf')
with write('10x-2.h5') as f:
    sparse(f, 'g', R)
    f['g/shape'], f['g/barcodes'], f['g/gene_names'] = [4, 6], cells, genes
with write('10x-3.h5') as f:
    sparse(f, 'matrix', R)
    f['matrix/shape'], f['matrix/barcodes'] = [4, 6], cells
    f['matrix/features/name'], f['matrix/features/feature_type'] = genes, np.array(['G'] * 4, 'S')
with write('v.loom') as f:
    f['matrix'], f['row_attrs/Gene'], f['col_attrs/CellID'] = V.T, genes, cells
with write('legacy.h5ad') as f:
    sparse(f, 'X', S, h5sparse_format='csc', h5sparse_shape=S.shape)
    f['obs'] = np.array([(c, 1) for c in cells], [('index', 'S2'), ('n', 'f8')])
    f['var'] = np.array([(g,) for g in genes], [('index', 'S2')])
with write('v.mat', userblock_size=512) as f:
    f['V'] = V.T
    f['V'].attrs['MATLAB_class'] = np.bytes_('double')
with open('seeds/v.mat', 'r+b') as f:
    f.write(b'MATLAB 7.3 MAT-file')
PYTHON
}
seed() {
  case $1 in
    npy) write d.csv seeds/d.npy && write s.mtx seeds/s.npy ;;
    npz) write d.csv seeds/d.npz && write s.mtx seeds/s.npz && from_scipy && rm -f seeds/*.mat ;;
    matrix-market) cp s.mtx seeds && gzip -c s.mtx >seeds/s.gz && bgzip 30 <s.mtx >seeds/blocks.gz && write d.csv seeds/d.mtx ;;
    table) cp d.csv seeds && bgzip 9 <d.csv >seeds/blocks.gz && write s.mtx seeds/s.tsv ;;
    libsvm) printf '1 1:2 3:4.5\n-1 2:1 # c\n0 qid:3 1:1\n' >seeds/a ;;
    bag-of-words) printf '3\n4\n3\n1 2 3\n2 4 1\n3 1 7\n' >seeds/a ;;
    matlab) from_scipy && rm -f seeds/*.npz ;;
    csr) write s.mtx folder && pack folder seeds/a ;;
    10x)
      mkdir folder && cp s.mtx folder/matrix.mtx
      printf 'b1\nb2\nb3\n' >folder/barcodes.tsv
      printf 'i\ta\tX\ni\tb\tX\ni\tc\tY\ni\td\tY\n' >folder/features.tsv
      pack folder seeds/a
      ;;
    images)
      mkdir folder
      printf 'P5 3 2 255\nabcdef' >folder/a.pgm
      printf 'P2 3 2 255\n1 2 3 4 5 6\n' >folder/b.pgm
      pack folder seeds/a
      ;;
    raw) write d.csv d.npy && tail -c 48 d.npy >seeds/f8 && printf '\3\1\2\0\4\5' >seeds/u1 && printf '\202\1\2\0\4\0\1\0' >seeds/i2 ;;
    hdf5) write d.csv seeds/d.h5 && write s.mtx seeds/s.h5 && write s.mtx seeds/s.h5ad && from_h5py ;;
  esac
}

for format in "${formats[@]}"; do
  rm -rf seeds folder
  mkdir seeds
  seed "$format"
  echo "$format:"
  [ -n "$(ls seeds)" ] || continue
  most=4096
  [ "$format" != hdf5 ] || most=12288 # bytes, for the largest seed
  MPINMF_FUZZ_FORMAT=$format MPINMF_FUZZ_FOLDER=$([ ! -d folder ] || echo yes) ASAN_OPTIONS=detect_leaks=0 OMP_NUM_THREADS=1 \
    "$fuzzer" seeds -max_total_time="$seconds" -max_len="$most" -timeout=10 -rss_limit_mb="${MPINMF_FUZZ_MEGABYTES:-2048}" -malloc_limit_mb=512 \
    -verbosity=0 -print_funcs=0 -print_final_stats=1 -artifact_prefix="$found/$format-"
done
