# Functions shared by quickstart.sh and test.sh: packages and the environment for MPI. Sourced, not run.
# shellcheck shell=bash

packages_of_list() {
  sed -e 's/#.*//' -e 's/[[:space:]]//g' -e '/^$/d' "$1"
}

is_installed() {
  [ "$(dpkg-query -W -f='${db:Status-Abbrev}' "$1" 2>/dev/null | cut -c1-2)" = ii ]
}

# What to do by hand, where packages cannot be installed: said, and then the work goes on with what is there.
explain_by_hand() {
  echo "Cannot install packages here (no root, or sudo asks for a password). Missing packages:"
  echo "  $*"
  echo "Ask an administrator for them, or load modules that stand in for them, for example:"
  echo "  module load gcc cmake openmpi openblas scalapack"
  echo "and configure with:"
  echo "  cmake -S . -B build -DBLA_VENDOR=OpenBLAS -DSCALAPACK_LIBRARIES=/path/to/libscalapack.so"
  echo "Going on with what is installed."
}

# Installs the packages of the list that are missing. Touches nothing, and needs no network, when there are none.
install_packages() {
  local list=$1 package log sudo="" missing=() known=() unknown=()
  if ! command -v dpkg-query >/dev/null 2>&1; then
    # shellcheck disable=SC2046
    explain_by_hand $(packages_of_list "$list")
    return 0
  fi
  for package in $(packages_of_list "$list"); do
    is_installed "$package" || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" -ne 0 ]; then
    if ! sudo -n true >/dev/null 2>&1; then
      explain_by_hand "${missing[@]}"
      return 0
    fi
    sudo=sudo
  fi
  echo "Installing: ${missing[*]}"
  log=$(mktemp)
  with_progress "$log" $sudo apt-get update -q
  # one unknown name would make apt-get install nothing at all
  for package in "${missing[@]}"; do
    if apt-cache show "$package" >/dev/null 2>&1; then known+=("$package"); else unknown+=("$package"); fi
  done
  if [ ${#unknown[@]} -gt 0 ]; then echo "Not known to this system: ${unknown[*]}"; fi
  if [ ${#known[@]} -gt 0 ]; then
    with_progress "$log" $sudo env DEBIAN_FRONTEND=noninteractive \
      apt-get install -y -q --no-install-recommends "${known[@]}"
  fi
  rm -f "$log"
}

# Open MPI refuses root and more ranks than cores unless told otherwise.
prepare_mpi() {
  if [ "$(id -u)" -eq 0 ]; then
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
  fi
  export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_hwloc_base_binding_policy=none
  export OMPI_MCA_mpi_yield_when_idle=1 OPENBLAS_NUM_THREADS=1
  # Open MPI 5 asks its own launcher for the same
  export PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe PRTE_MCA_hwloc_default_binding_policy=none
}

# Cores to build and test with: those allowed here, whatever OMP_NUM_THREADS says, which nproc would heed.
cores() {
  env -u OMP_NUM_THREADS -u OMP_THREAD_LIMIT nproc
}

# Writes to the file $1 what a shell has to source to use the program in the folder $2: its place, and of what
# prepare_mpi sets that without which mpirun refuses to start.
write_environment() {
  {
    echo "# Sourced by a shell: mpinmf in the PATH, and what mpirun asks of root and for more ranks than cores."
    printf 'export PATH=%q:"$PATH"\n' "$2"
    env | grep -E '^(OMPI_ALLOW|OMPI_MCA_rmaps|PRTE_MCA_rmaps|OPENBLAS)_' | sort | sed 's/^/export /'
  } >"$1"
}

# Seconds between two lines of progress where no terminal shows one that changes.
progress_every=15

# How long a command has run, and the last line of its output in the file $1, until it is killed or the script ends.
report_progress() {
  local log=$1 begin=$SECONDS pause=$progress_every form='  %4d s  %s\n'
  if [ -t 1 ]; then pause=1 form='\r\033[K  %4d s  %s'; fi
  while sleep "$pause" >/dev/null 2>&1 && kill -0 $$ 2>/dev/null; do
    # shellcheck disable=SC2059
    printf "$form" $((SECONDS - begin)) "$(tail -n 1 "$log" | tr -cd '[:print:]' | cut -c 1-70)"
  done
}

# Runs "$@" with its output in the file $1, and says meanwhile how far it is. When it fails its output is shown.
with_progress() {
  local log=$1 code=0 reporter
  shift
  : >"$log"
  report_progress "$log" &
  reporter=$!
  "$@" >"$log" 2>&1 || code=$?
  kill "$reporter" 2>/dev/null || true
  wait "$reporter" 2>/dev/null || true
  if [ -t 1 ]; then printf '\r\033[K'; fi
  [ "$code" -eq 0 ] || cat "$log"
  return "$code"
}

configure_and_build() {
  local folder=$1
  shift
  cmake -S . -B "$folder" "$@" && cmake --build "$folder" --parallel "$(cores)"
}

# Configures and builds in a folder; what CMake and the compiler say is shown in full only when they fail.
build_in() {
  local folder=$1 log
  shift
  local generator=()
  if command -v ninja >/dev/null 2>&1 && [ ! -f "$folder/CMakeCache.txt" ]; then generator=(-G Ninja); fi
  mkdir -p "$folder"
  log=$folder/build.log
  if ! with_progress "$log" configure_and_build "$folder" "${generator[@]}" "$@"; then
    echo "The build failed; the log above is in $log" >&2
    return 1
  fi
}

# "  REASON: TEST TEST ..." for the tests that were skipped, in whole or in part: the lines "TEST <tab> REASON" of a file.
list_skipped() {
  [ -s "$1" ] || return 0
  echo "Skipped, in whole or in part:"
  sort -t "$(printf '\t')" -k 2 -k 1,1V -u "$1" | awk -F '\t' '
    $2 != reason { if (reason != "") print line; reason = $2; line = "  " reason ":" }
    { line = line " " $1 }
    END { print line }'
  echo
}

# Hands on what ctest prints, and lists the skipped tests of the file $1 before its closing lines.
with_skipped() {
  local line
  while IFS= read -r line; do
    if [[ $line =~ ^[0-9]+%\ tests\ passed, ]]; then list_skipped "$1"; fi
    printf '%s\n' "$line"
  done
}
