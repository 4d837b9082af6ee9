#!/usr/bin/env bash
# From a bare machine to a first factorization: installs the packages, builds the program in build/, and finds the
# 16 limbs in Donoho and Stodden's swimmer images with 2 ranks. A second run is quick.
set -euo pipefail
cd "$(dirname "$0")/.."
. jobs/install.sh
. jobs/blas.sh

install_packages jobs/packages.txt
prepare_mpi

echo "Building mpinmf in build/ (the first time takes minutes) ..."
build_in build -DBUILD_TESTING=OFF
set_blas_kernel build/mpinmf
write_environment build/env.sh "$PWD/build"

results=build/quickstart
mkdir -p "$results"
if [ ! -f "$results/swimmer.npy" ]; then
  echo "+ mpinmf generate swimmer --output $results/swimmer.npy"
  build/mpinmf generate swimmer --output "$results/swimmer.npy"
fi
if [ ! -f "$results/swimmer.nmf/run.json" ]; then
  echo "+ mpirun -n 2 mpinmf fit $results/swimmer.npy -k 17 --output $results/swimmer.nmf"
  timeout -k 5 300 mpirun -n 2 build/mpinmf fit "$results/swimmer.npy" -k 17 \
    --output "$results/swimmer.nmf"
fi
echo "+ mpinmf evaluate generate:swimmer --model $results/swimmer.nmf"
build/mpinmf evaluate generate:swimmer --model "$results/swimmer.nmf"

echo
echo "256 images of a swimmer were taken apart into 17 parts; how many limbs were found is said above."
echo "The results lie in $results/swimmer.nmf: W.npy, H.npy, trace.csv, run.json, cost.svg, cost.png."
echo
echo "Your own matrix, in this shell or another:"
echo
echo "  . $PWD/build/env.sh"
echo "  mpirun -n 2 mpinmf fit V.npy -k 20"
echo
echo "build/env.sh puts mpinmf into the PATH and lets mpirun start as root and with more ranks than cores:"
sed -n 's/^export /  /p' build/env.sh
echo "The options: mpinmf fit --help"
