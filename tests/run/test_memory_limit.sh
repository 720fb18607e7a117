#!/bin/sh
# TEST timeout=240
# A limit of address space (ulimit -v), as queues set it: commands that need little
# work; a run that does not fit ends in one line, whatever the limit.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
cd "$scratch"
[ -z "$TRIREME_SANITIZE" ] || skip "sanitizers need the address space"

# limited KB WORDS...: leaves $status, out and err.
limited() {
  kb=$1
  shift
  said="ulimit -v $kb; $*"
  status=0
  # shellcheck disable=SC3045
  (ulimit -v "$kb" && exec timeout -k 5 60 "$@") </dev/null >out 2>err || status=$?
}

limited 200000 "$TRIREME" list
expect_exit 0
expect_out "heat"
limited 200000 "$TRIREME" help heat
expect_exit 0

# A run that fits runs; else one line, whether MPI or the fields are too large.
limited 400000 "$TRIREME" run heat --n 16 --steps 2 --threads 1
expect_exit 0
for before in "" "mpirun -n 1"; do
  # shellcheck disable=SC2086
  limited 200000 $before "$TRIREME" run heat --n 16 --steps 2 --threads 1
  [ $status = 0 ] || refused 3 "not enough memory"
  # shellcheck disable=SC2086
  limited 200000 $before "$TRIREME" run heat --n 400 --steps 2 --threads 1
  refused 3 "no memory for 0.48"
  # shellcheck disable=SC2086
  limited 100000 $before "$TRIREME" run heat --n 16 --steps 2 --threads 1
  refused 3 "MPI needs 96 MiB of address space"
done

# The library is not there before it is needed, and SIGTERM is heard.
export OPENBLAS_NUM_THREADS=4
"$TRIREME" run heat --n 16 --steps 1000000000 --threads 1 --checkpoint sets >out 2>err &
pid=$!
while ! grep -q '^  run ' out; do
  kill -0 $pid 2>/dev/null || fail "it ended: $(cat err)"
  sleep 0.1
done
if grep -q openblas "/proc/$pid/maps"; then fail "a run has loaded OpenBLAS"; fi
kill -TERM $pid
status=0
wait $pid || status=$?
said="trireme run heat, terminated"
expect_exit 75

# It is loaded where it is used, and named where it is missing.
export TRIREME_BLAS=/no/such/library.so
alone version
expect_exit 0
expect_out "BLAS      none (BLAS: /no/such/library.so"
alone list
expect_exit 0
alone machine --quick --output m.json
refused 3 "BLAS: /no/such/library.so: cannot open"
expect_line "set TRIREME_BLAS"
echo "limits of memory are met"
