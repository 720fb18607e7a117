#!/bin/sh
# Installs what is missing, builds, and passes the tests.
#
#   sh tests/run.sh         every test in the release build, and the C code again with
#                           address and undefined-behaviour sanitizers
#   sh tests/run.sh quick   the short tests of the release build
#   sh tests/run.sh NAME    tests whose names match, release build; builds only those
#   sh tests/run.sh all     everything: every seed, kill loops, all tests under
#                           sanitizers, clang; hours
#
# TRIREME_PRESETS chooses the builds. It ends with the time of each part, what was not
# run, and a line `N passed, N failed, N skipped`. Exit status: 0, or 1 if a test failed.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
cd "$top"
# shellcheck source=jobs/setup.sh
. jobs/setup.sh

began=$(date +%s)
work=$(mktemp -d "${TMPDIR:-/tmp}/trireme-tests.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

# timed NAME COMMAND...: its seconds go to the table at the end
timed() {
  part=$1
  from=$(date +%s)
  shift
  "$@"
  printf '%6d s  %s\n' $(($(date +%s) - from)) "$part" >>"$work/parts"
}

install() {
  # shellcheck disable=SC2046,SC2086 # lists of words
  setup_packages $packages_build $packages_test $([ "$mode" != all ] || echo $packages_all)
}

# options of cmake for a preset: benchmarks once, and not under sanitizers
build_options() {
  case $1 in
    release) benchmarks=ON ;;
    *) benchmarks=OFF ;;
  esac
  echo "-DTRIREME_TESTS=ON -DTRIREME_WERROR=ON -DTRIREME_BENCHMARKS=$benchmarks" \
    "-DTRIREME_TEST_ALL=${TRIREME_TEST_ALL:-OFF}"
}

folder() {
  case $1 in release) echo build ;; *) echo "build/$1" ;; esac
}

# The targets of the tests whose names match.
targets() {
  ctest --test-dir "$(folder "$1")" -N -R "$pattern" |
    sed -n 's/^ *Test *#[0-9]*: *//p' >"$work/names"
  [ -s "$work/names" ] || {
    echo "run.sh: no test has a name that matches $pattern" >&2
    exit 2
  }
  awk 'NR == FNR { wanted[$1]; next }
    $1 in wanted { for (i = 2; i <= NF; i++) print $i }' \
    "$work/names" "$(folder "$1")/tests.txt" | sort -u
}

# A configured folder needs no more than a look for new files.
is_configured() {
  cache=$(folder "$1")/CMakeCache.txt
  grep -q '^TRIREME_TESTS:BOOL=ON' "$cache" 2>/dev/null &&
    grep -q '^TRIREME_WERROR:BOOL=ON' "$cache"
}

build() {
  # shellcheck disable=SC2046 # lists of words
  if [ "$mode" = name ]; then
    if is_configured "$1"; then
      setup_make "$1" build.ninja
    else
      setup_configure "$1" $(build_options "$1")
    fi
    needed=$(targets "$1") || exit 2
    # shellcheck disable=SC2086
    setup_make "$1" $needed
  else
    setup_build "$1" $(build_options "$1")
  fi
}

# Labels that are left out of this run of a preset.
left_out() {
  case $mode:$1 in
    all:* | name:*) echo none ;;
    quick:asan) echo 'slow|nightly|once' ;;
    quick:*) echo 'slow|nightly' ;;
    *:asan) echo 'nightly|once' ;;
    *:release) echo nightly ;;
    *) echo 'nightly|once' ;;
  esac
}

# some tests mostly wait, and C tests count as two
run_tests() {
  ctest --preset "$1" --no-tests=error -j $(($(nproc) + 2)) -R "$pattern" \
    -LE "^($(left_out "$1"))\$" --output-log "$work/log.$1" || failed=yes
  # `12/146 Test #12: array.random ....   Passed   65.31 sec`
  sed -n "s/^ *[0-9]*\/[0-9]* Test *#[0-9]*: \([^ ]*\) [ .]*\(.*[^ ]\)  *\([0-9.]*\) sec.*/\1 $1 \3 \2/p" \
    "$work/log.$1" >>"$work/results"
  skipped_lines "$1" >>"$work/skipped"
  ctest --preset "$1" -N -R "$pattern" -L "^($(left_out "$1"))\$" |
    sed -n "s/^ *Test *#[0-9]*: */$1 /p" >>"$work/omitted"
}

# What tests say that they skipped, all or in part: NAME: WHY
skipped_lines() {
  awk '/^[0-9]+\/[0-9]+ Testing: / { name = $3 }
    /^(skipped|not tested): / { print "  " name ": " $0 }' \
    "$(folder "$1")/Testing/Temporary/LastTest.log"
}

report() {
  echo
  echo "ten slowest tests:"
  sort -k3,3nr "$work/results" | head -n 10 |
    awk '{ printf "%8.1f s  %s (%s)\n", $3, $1, $2 }'
  if [ -s "$work/skipped" ]; then
    echo "skipped, all or part of a test:"
    sort -u "$work/skipped"
  fi
  echo "not run:"
  awk '{ n[$1]++ } END { for (p in n) printf "  %d tests of preset %s\n", n[p], p }' \
    "$work/omitted"
  case $mode in
    quick) echo "  slow tests, sanitizers, most seeds, clang: sh tests/run.sh" ;;
    name) echo "  sanitizers: TRIREME_PRESETS='asan release'" ;;
    default) echo "  most seeds, kill loops, scripts under sanitizers, clang: sh tests/run.sh all" ;;
    all) echo "  nothing but what is skipped above" ;;
  esac
  echo "time:"
  cat "$work/parts"
  printf '%6d s  total\n' $(($(date +%s) - began))
  awk '/ Passed$/ { passed++; next } /Skipped$/ { skipped++; next } { failed++ }
    END { printf "%d passed, %d failed, %d skipped\n", passed, failed, skipped }' \
    "$work/results"
}

mode=default pattern=.
case ${1:-} in
  '') ;;
  quick | all) mode=$1 ;;
  *) mode=name pattern=$1 ;;
esac
case $mode in
  default) presets='asan release' ;;
  all)
    presets='asan release clang'
    export TRIREME_TEST_ALL=1
    ;;
  *) presets=release ;;
esac

failed=
setup_mpi
timed "installation" install
for preset in ${TRIREME_PRESETS:-$presets}; do
  timed "build of $preset" build "$preset"
  timed "tests of $preset" run_tests "$preset"
done
report
[ -z "$failed" ]
