#!/bin/sh
# Installs what is missing, builds, and passes every test: the release build, and
# the one with address and undefined-behaviour sanitizers (there without the second
# number of threads). `sh tests/run.sh NAME` runs only the tests whose names match;
# TRIREME_PRESETS chooses the builds.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top"
# shellcheck source=jobs/setup.sh
. jobs/setup.sh

# shellcheck disable=SC2086
setup_packages $packages_build $packages_test
setup_mpi
for preset in ${TRIREME_PRESETS:-asan release}; do
  started=$(date +%s)
  setup_build "$preset" -DTRIREME_TESTS=ON -DTRIREME_BENCHMARKS=ON \
    -DTRIREME_WERROR=ON
  echo "preset $preset built in $(($(date +%s) - started)) s"
  leave=none
  [ "$preset" = asan ] && leave='@[0-9]+x2$'
  # one more than there are cores: some tests mostly wait
  ctest --preset "$preset" --no-tests=error -j $(($(nproc) + 1)) -R "${1:-.}" -E "$leave"
done
