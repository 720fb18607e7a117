#!/bin/sh
# TEST timeout=120 uses=test_preload_calls,trireme_preload once
# The table of the wrappers: asked for it is printed once, else nothing is; under a
# program that has nothing of Trireme, and under a run.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
library=$TRIREME_BUILD/libtrireme_preload.so
program=$TRIREME_BUILD/tests/test_preload_calls
cd "$scratch"

# under WORD... : three ranks of a program with the wrappers; out and err
under() {
  said="mpirun -n 3 $*"
  status=0
  timeout -k 5 60 mpirun -n 3 \
    env ASAN_OPTIONS="${ASAN_OPTIONS:-}:verify_asan_link_order=0" \
    LD_PRELOAD="$library" "$@" </dev/null >out 2>err || status=$?
  expect_exit 0
}

unset TRIREME_PRELOAD
under "$program"
[ ! -s err ] || fail "expected no output: $(show_run)"

TRIREME_PRELOAD=report
export TRIREME_PRELOAD
under "$program"
/usr/bin/python3 - err <<'END'
import sys
lines = open(sys.argv[1]).read().splitlines()
assert lines[0].startswith("MPI: 3 ranks, "), lines[0]
part, rows = None, {}
for line in lines[1:]:
    if not line.startswith(" "):
        part = "Trireme" if line.startswith("Trireme") else "program"
        assert line.split()[-6:] == ["mean", "s", "slowest", "s", "of", "wall"], line
        continue
    words = line.split()
    rows[part, words[0]] = words[1:]
# of three ranks: the exact counts are those of test_calls.c
def want(who, kind, calls, messages, size):
    got = [int(x) for x in rows[who, kind][:3]]
    assert got == [calls, messages, size], (kind, got)
want("program", "send", 3 * 5, 3 * 4, 3 * (68 + 48))
want("program", "start", 15, 12, 3 * 128)
want("program", "bcast", 3, 0, 48)
want("program", "scatter", 3, 0, 48)
want("program", "neighbour", 6, 0, 3 * 64)
want("program", "put", 6, 3, 48)
want("program", "sync", 21, 0, 0)
want("Trireme", "allreduce", 3, 0, 72)
for (who, kind), words in rows.items():
    mean, slowest, share = float(words[-4]), float(words[-3]), float(words[-2])
    assert 0 <= mean <= slowest + 1e-6 and 0 <= share <= 100.1, (kind, words)
print(len(rows), "rows, as counted")
END

under "$TRIREME" run heat --n 12 --steps 3 --quiet
grep -q '^MPI: 3 ranks' err || fail "want a table: $(show_run)"
grep -q '^  allreduce ' err || fail "want a row of allreduce: $(show_run)"
