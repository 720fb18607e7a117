# shellcheck shell=sh
# Sourced by the shell tests. A test begins with a `# TEST` line, ends with exit
# status 0, and leaves no files behind outside $scratch.
# From CMake: TRIREME (the driver), TRIREME_SOURCE, TRIREME_BUILD,
# TRIREME_SANITIZE, and what mpirun needs.
: "${TRIREME:?the path of the driver; run the tests through ctest}"
TRIREME_SANITIZE=${TRIREME_SANITIZE:-}
patience=60 # seconds allowed per launch
[ -z "$TRIREME_SANITIZE" ] || patience=180

# The leak check takes seconds at the end of each process: a test that needs it sets
# check_leaks before it sources this file. C tests always make it.
[ -n "${check_leaks:-}" ] ||
  export ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0:fast_unwind_on_malloc=1"

scratch=$(mktemp -d "${TMPDIR:-/tmp}/trireme.XXXXXX")
mounted=
status=0

# The value of TRM_FAULT with which a run without an end does not take the cores from the
# tests beside it: each step takes 5 ms.
# shellcheck disable=SC2034
gently=step:1+:sleep5

clean_up() {
  for place in $mounted; do umount "$place"; done
  rm -rf "$scratch"
}
trap clean_up EXIT
trap 'exit 1' INT TERM

fail() {
  echo "failed: $*" >&2
  exit 1
}

# skip WHY: the whole test; ctest lists it as skipped
skip() {
  echo "skipped: $*"
  exit 77
}

# mpi RANKS WORDS...: the driver on so many ranks, after the words of $mpi_before.
# Sets $status, $scratch/out and $scratch/err. A run that hangs is killed: status 124.
mpi_before=
mpi() {
  ranks=$1
  shift
  said="mpirun -n $ranks trireme $*"
  status=0
  # shellcheck disable=SC2086
  timeout -k 5 "${mpi_timeout:-$patience}" mpirun -n "$ranks" $mpi_before "$TRIREME" "$@" \
    </dev/null >"$scratch/out" 2>"$scratch/err" || status=$?
}

# alone WORDS...: the driver without mpirun.
alone() {
  said="trireme $*"
  status=0
  timeout -k 5 "$patience" "$TRIREME" "$@" </dev/null >"$scratch/out" 2>"$scratch/err" ||
    status=$?
}

show_run() {
  echo "$said: exit status $status"
  cat "$scratch/out" "$scratch/err"
}

# expect_exit STATUS
expect_exit() {
  [ "$status" = "$1" ] || fail "expected exit status $1: $(show_run)"
}

# expect_line TEXT: exactly one line of ours on stderr, with this text in it.
expect_line() {
  lines=$(grep -c '^trireme:' "$scratch/err") || true
  [ "$lines" = 1 ] || fail "expected 1 line of ours, got $lines: $(show_run)"
  grep '^trireme:' "$scratch/err" | grep -qF -- "$1" ||
    fail "expected a line with \"$1\": $(show_run)"
}

# expect_out TEXT: on stdout.
expect_out() {
  grep -qF -- "$1" "$scratch/out" || fail "expected \"$1\" on stdout: $(show_run)"
}

# refused STATUS TEXT: the last run failed as it should.
refused() {
  expect_exit "$1"
  expect_line "$2"
}

# key FILE.jsonl NAME: a value of the last result, as JSON.
key() {
  tail -n 1 "$1" | /usr/bin/python3 -ES -c '
import json, sys
value = json.load(sys.stdin)
for name in sys.argv[1].split("."):
    value = value[name]
print(value if isinstance(value, str) else json.dumps(value))' "$2"
}

# write_machine FILE: the machine file of a made-up machine of 2 cores
write_machine() {
  /usr/bin/python3 - "$1" <<'END'
import json, sys
def figure(best): return {"best": best, "median": best, "spread": 0.01}
figures = {"read": (30e9, 36e9), "copy": (24e9, 32e9), "copy_stream": (40e9, 52e9),
           "triad": (26e9, 36e9), "triad_stream": (41e9, 48e9),
           "fma_f64": (58e9, 116e9), "fma_f32": (117e9, 233e9)}
rungs = [(2**k, 211e9 if k < 16 else 116e9 if k < 20 else 97e9 if k < 24 else 31e9)
         for k in range(12, 28)]
machine = {"schema": "trireme.machine/1", "class": "made-up-2c-8g",
           "written": "2026-01-02T03:04:05Z", "cores": 2, "ranks": 2, "threads": 1,
           "eager_limit": -1, "host": [{"name": "one", "figures": {}}],
           "figures": {f"{name}.{which}": figure(best) for name, both in figures.items()
                       for which, best in zip(("one", "all"), both)},
           "ladder": [{"bytes": size, "bandwidth": figure(rate)} for size, rate in rungs]}
json.dump(machine, open(sys.argv[1], "w"))
END
}

# mount_tmpfs OPTIONS DIR: false where that is not allowed.
mount_tmpfs() {
  mkdir -p "$2"
  [ "$(id -u)" = 0 ] && mount -t tmpfs -o "$1" tmpfs "$2" 2>/dev/null || return 1
  mounted="$mounted $2"
}

# wait_for FILE|PATTERN: until it is there, at most 20 s.
wait_for() {
  tries=0
  # shellcheck disable=SC2086
  until ls $1 >/dev/null 2>&1; do
    tries=$((tries + 1))
    [ $tries -lt 200 ] || fail "$1 did not appear in 20 s"
    sleep 0.1
  done
}
