#!/usr/bin/env bash
# make.sh DATA: makes the pictures of this folder's page from the data sets in the folder DATA, with the mpinmf in the
# path. Needs gnuplot, and Python for smaller files.
set -euo pipefail
data=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

mpinmf fit generate:swimmer -k 17 --output swimmer
mpinmf components swimmer --image 32x32
mv swimmer/components.png "$here/swimmer.png"

mpinmf fit "$data/newsgroups20/X_train.mtx.gz" -k 20 --loss kullback-leibler --output news
mpinmf components news --bars --feature-names "$data/newsgroups20/vocabulary.txt"
mv news/terms.png "$here/news.png"

mpinmf fit "$data/cbcl_faces/X.npy" -k 49 --output faces
mpinmf components faces --image 19x19
mv faces/components.png "$here/faces.png"

mpinmf fit "$data/jasper_ridge/X.npy.gz" -k 4 --output jasper
mpinmf components jasper --map 100x100 --order fortran --curves
mv jasper/maps.png "$here/maps.png"
mv jasper/curves.png "$here/spectra.png"

seq 0 512 | awk '{ print $1 * 22050 / 1024 }' >Hz.txt
mpinmf fit "$data/piano_spectrogram/power.npy" --transpose -k 8 --loss itakura-saito --max-iterations 500 --output piano
mpinmf components piano --curves --axis Hz.txt --log
mv piano/curves.png "$here/piano.png"

python3 "$here/shrink_png.py" "$here"/*.png
