# shellcheck shell=sh disable=SC2034
# Sourced by quickstart.sh and tests/run.sh: what must be installed, and the build.
# Debian packages; `setup_packages KIND...` installs what is missing of them.

packages_build="gcc libc6-dev cmake ninja-build pkg-config openmpi-bin
  libopenmpi-dev libhdf5-openmpi-dev libhwloc-dev libopenblas-dev libcjson-dev
  libpng-dev zlib1g-dev hdf5-tools"
packages_test="g++ groff-base qemu-user python3-h5py git clang-format clang-tidy gnuplot-nox chromium
  slurmctld slurmd slurm-client slurm-wlm-basic-plugins munge shellcheck strace"
packages_all="clang libclang-rt-dev libomp-dev doxygen"

# missing_of PACKAGE...: those that are not installed
missing_of() {
  installed=$(dpkg-query -W -f '${Package}=${db:Status-Status}\n' "$@" 2>/dev/null) || true
  for package; do
    printf '%s\n' "$installed" | grep -qx "$package=installed" || printf ' %s' "$package"
  done
}

# On a cluster without dpkg: are the tools there?
has_tools() {
  for tool in cc cmake ninja pkg-config mpirun mpicc h5import; do
    command -v "$tool" >/dev/null 2>&1 || return 1
  done
  pkg-config --exists hdf5-openmpi hwloc libcjson openblas libpng 2>/dev/null
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

can_install() {
  command -v apt-get >/dev/null 2>&1 || return 1
  [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null
}

explain_missing() {
  echo "trireme: these packages are missing and cannot be installed from here:" >&2
  echo "  apt-get install $1" >&2
  echo "On a cluster load the modules instead, named something like:" >&2
  echo "  module load gcc cmake ninja openmpi hdf5/1.10-parallel hwloc openblas cjson libpng" >&2
  exit 3
}

# The services of Slurm and munge must not start: a policy forbids it during the
# installation, unless the machine has a policy of its own.
install_packages() {
  policy=/usr/sbin/policy-rc.d made=
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null
    as_root chmod 755 $policy
    made=yes
  fi
  installed=0
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q \
    --no-install-recommends "$@" >/dev/null 2>&1 || installed=$?
  [ -z "$made" ] || as_root rm -f $policy
  return $installed
}

setup_packages() {
  if ! command -v dpkg-query >/dev/null 2>&1; then
    has_tools || explain_missing "$*"
    return
  fi
  missing=$(missing_of "$@")
  [ -z "$missing" ] && return
  can_install || explain_missing "${missing# }"
  echo "installing:$missing"
  # shellcheck disable=SC2086 # a list of words
  install_packages $missing && return
  as_root apt-get update -q >/dev/null
  # shellcheck disable=SC2086
  install_packages $missing || explain_missing "${missing# }"
}

# How Open MPI runs on any machine, as any user, with more ranks than cores.
setup_mpi() {
  export OMPI_MCA_mpi_yield_when_idle=1 OMPI_MCA_rmaps_base_oversubscribe=1
  if [ "$(id -u)" = 0 ]; then
    export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
  fi
}

# quietly COMMAND...: its output only if it fails
quietly() {
  log=$(mktemp)
  if ! "$@" >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    echo "trireme: the build of preset $preset failed" >&2
    exit 3
  fi
  rm -f "$log"
}

# setup_configure PRESET [OPTION...]
setup_configure() {
  preset=$1
  shift
  quietly cmake --preset "$preset" "$@"
}

# setup_make PRESET [TARGET...]: those targets, or all
setup_make() {
  preset=$1
  shift
  quietly cmake --build --preset "$preset" ${1:+--target "$@"}
}

# setup_build PRESET [OPTION...]: configure and build all
setup_build() {
  setup_configure "$@"
  setup_make "$1"
}
