#!/bin/sh
# Installs what is missing, builds, and passes every test: the release build, and
# the one with address and undefined-behaviour sanitizers. `sh tests/run.sh NAME`
# runs only the tests whose names match; TRIREME_PRESETS chooses the builds.
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
  ctest --preset "$preset" -j "$(nproc)" -R "${1:-.}"
done
