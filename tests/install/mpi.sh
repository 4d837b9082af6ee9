#!/usr/bin/env bash
# src/mpi-libraries.cmake, configured with a stand-in for MPICH beside the MPI of this machine: MPI and ScaLAPACK are of
# one family, and what was asked for is what was found, or the line that works is said.
set -euo pipefail
source_folder=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# An MPICH in a folder of its own whose wrapper, as Debian's, lies elsewhere: compiles and links, no more.
mkdir -p mpich/include lib bin project
cat >mpich/include/mpi.h <<'C'
#define MPICH_VERSION "4.0"
#define MPI_VERSION 4
#define MPI_SUBVERSION 0
extern "C" int MPI_Init(int*, char***);
extern "C" int MPI_Finalize();
C
library() { # NAME SONAME [FLAGS...]
  echo 'extern "C" int MPI_Init(int*, char***) { return 0; } extern "C" int MPI_Finalize() { return 0; }' |
    c++ -x c++ -shared -fPIC -Wl,-soname,"$2" -o lib/"$1" - "${@:3}"
}
library libmpich.so libmpich.so.12
for name in scalapack-mpich scalapack; do library lib$name.so lib$name.so.2 -Wl,--no-as-needed -Llib -lmpich; done
for name in scalapack-openmpi other; do
  library libmpi.so libmpi.so.40
  library lib$name.so lib$name.so.2 -Wl,--no-as-needed -Llib -lmpi
done
rm lib/libmpi.so
cat >bin/mpicxx.mpich <<C
#!/bin/sh
case \$1 in
  -show) echo "c++ -I$work/mpich/include -L$work/lib -Wl,-rpath -Wl,$work/lib -lmpich" ;;
  *) echo "no option \$1" >&2; exit 1 ;;
esac
C
printf '#!/bin/sh\n' >bin/mpiexec.mpich
chmod +x bin/*
export PATH=$work/bin:$PATH CMAKE_LIBRARY_PATH=$work/lib
printf '%s\n' 'cmake_minimum_required(VERSION 3.22)' 'project(choice LANGUAGES CXX)' \
  "include($source_folder/src/mpi-libraries.cmake)" \
  'message(STATUS "chosen: ${SCALAPACK_LIBRARIES} ${MPIEXEC_EXECUTABLE}")' >project/CMakeLists.txt

# configure FOLDER OPTIONS...: what CMake said, in one line, is in $said.
configure() {
  local code=0
  cmake -S project -B "$@" >log 2>&1 || code=$?
  said=$(tr -s ' \n' ' ' <log)
  return $code
}
fail() {
  cat log
  echo "FAILED: $*"
  exit 1
}
expect() { [[ $said = *"$1"* ]] || fail "CMake does not say: $1"; }

configure fresh -DMPI_CXX_COMPILER=mpicxx.mpich || fail "no MPICH"
expect "chosen: $work/lib/libscalapack-mpich.so $work/bin/mpiexec.mpich"
# the same folder once more, as a build does
configure fresh || fail "not twice"

# one without a vendor in its name is known by what it is linked to
rm lib/libscalapack-mpich.so
configure fresh || fail "no libscalapack.so"
expect "chosen: $work/lib/libscalapack.so"
configure explicit -DMPI_CXX_COMPILER=mpicxx.mpich -DSCALAPACK_LIBRARIES="$work/lib/libother.so" && fail "two MPIs"
expect "The MPI is MPICH, but ScaLAPACK, $work/lib/libother.so, is one for Open MPI: install libscalapack-mpich-dev"

# none for MPICH is there, unless this machine has it, but Open MPI's
rm lib/libscalapack.so
configure none -DMPI_CXX_COMPILER=mpicxx.mpich && ! compgen -G '/usr/lib*/**/libscalapack*mpich.so' >/dev/null &&
  fail "took Open MPI's ScaLAPACK"

# the MPI of this machine in a folder that is then asked for another, by wrapper or by MPI_HOME
library libscalapack-mpich.so libscalapack-mpich.so.2 -Wl,--no-as-needed -Llib -lmpich
configure own || fail "no MPI of this machine"
configure own -DMPI_CXX_COMPILER=mpicxx.mpich && fail "the MPI that was asked for was not taken, without a word"
expect 'cmake -S . -B build -DMPI_CXX_COMPILER=mpicxx.mpich'
configure home -DMPI_HOME="$work/mpich" && fail "the MPI of MPI_HOME was not taken, without a word"
expect "MPI_HOME is $work/mpich, but the MPI that was found is another"
expect "cmake -S . -B build -DMPI_CXX_COMPILER=$work/bin/mpicxx.mpich"
configure both -DMPI_HOME="$work/mpich" -DMPI_CXX_COMPILER=mpicxx.mpich || fail "MPI_HOME and the wrapper of one MPI"
echo "MPI and ScaLAPACK are of one family"
