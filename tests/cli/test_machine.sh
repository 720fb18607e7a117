#!/bin/sh
# TEST timeout=400 cost=40 slow once
# machine on 1, 2 and 3 ranks: files that are whole and are found again, figures
# that are possible, options that are refused, places that cannot be written.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
cd "$scratch"
export TRIREME_MACHINES="$scratch/machines"
mpi_timeout=120

# look FILE RANKS: is it whole, and can its figures be?
look() {
  /usr/bin/python3 - "$1" "$2" <<'END' || fail "$said: $1 is not as it should be"
import json, math, sys
m = json.load(open(sys.argv[1]))
ranks = int(sys.argv[2])
def check(good, what):
    if not good:
        sys.exit("not so: " + what)
def figure(f, what, better):
    for key in "best", "median", "spread":
        check(math.isfinite(f[key]) and f[key] >= 0, what + " " + key)
    check(f["median"] > 0, what + " median")
    check(f["best"] >= f["median"] if better > 0 else f["best"] <= f["median"],
          what + ": the best is not the best")
def rising(list, what):
    sizes = [e["bytes"] for e in list]
    check(len(sizes) > 0 and sizes == sorted(set(sizes)), what + " rise")
check(m["schema"] == "trireme.machine/1", "schema")
check(m["ranks"] == ranks and m["threads"] >= 1 and m["hosts"] == 1, "launch")
check(m["cores"] >= 1 and m["memory_bytes"] > 0, "host")
wanted = [a + b for a in ("read", "copy", "copy_stream", "triad", "triad_stream",
          "fma_f64", "fma_f32", "dgemm") for b in (".one", ".all")]
wanted += ["latency", "disk_write", "disk_read", "undisturbed"]
for figures in [m["figures"]] + [h["figures"] for h in m["host"]]:
    check(sorted(figures) == sorted(wanted), "figures " + str(sorted(figures)))
    for name, f in figures.items():
        figure(f, name, -1 if name == "latency" else 1)
check(m["figures"]["undisturbed"]["best"] <= 1, "undisturbed <= 1")
rising(m["ladder"], "sizes of the ladder")
for rung in m["ladder"]:
    figure(rung["bandwidth"], "bandwidth", 1)
    figure(rung["latency"], "latency", -1)
check(m["clock"]["resolution"] > 0 and m["clock"]["cost"] > 0, "clock")
n = m["noise"]
check(0 < n["quantum"] <= n["mean"] and 0 <= n["lost"] < 1, "noise")
check(0 <= n["p50"] <= n["p99"] <= n["longest"], "percentiles")
if ranks < 2:
    check(not m["messages"] and not m["collectives"] and "eager" not in m,
          "no network on one rank")
    sys.exit(0)
rising(m["messages"], "sizes of messages")
for e in m["messages"] + m["collectives"]:
    figure(e["time"], "time", -1)
figure(m["message_rate"], "message rate", 1)
check(m["buffered_limit"] <= m["eager_limit"] or m["eager_limit"] < 0, "limits")
fits = [m[r] for r in ("eager", "rendezvous") if r in m]
check(fits, "a fit")
for f in fits:
    check(f["from"] < f["to"] and 0 <= f["fit"] <= 1, "range and fit")
    check(all(math.isfinite(v) and v >= 0 for v in f.values()), "parameters")
END
}

cores=$(/usr/bin/python3 -c 'import os; print(len(os.sched_getaffinity(0)))')
last=
for ranks in 1 2 3; do
  mpi "$ranks" machine --quick --seconds 2 --threads 1
  expect_exit 0
  expect_out "triad, stream"
  if [ "$ranks" -gt "$cores" ]; then # others would take its figures for true
    expect_out "not written: threads share cores"
    grep -q "^doctor: " err || fail "no warning: $(show_run)"
    mpi "$ranks" machine --quick --seconds 1 --threads 1 --output shared.json
    expect_exit 0
    file=shared.json
  else
    expect_out "written to $scratch/machines/"
    file=$(sed -n 's/^written to //p' out)
    kept=$ranks
  fi
  look "$file" "$ranks"
  if [ "$ranks" = 1 ]; then
    expect_out "network: not measured with 1 rank"
  else
    expect_out "ping-pong"
    expect_out "compared with $last"
  fi
  [ "$ranks" -gt "$cores" ] || last=$file
  sleep 1 # the next one is newer
done
[ "$(find machines -type f | wc -l)" = "$kept" ] || fail "want $kept files: $(ls machines)"

# threads; a file of one's own; JSON on stdout, the same as in the file
mkdir own
mpi 1 machine --quick --seconds 1 --threads 2 --output own/place.json --json
expect_exit 0
look own/place.json 1
cmp -s out own/place.json || fail "stdout is not the file"
tr -d '[:space:]' <out | grep -q '"threads":2,' || fail "want 2 threads"

# some subjects alone: nothing is written unless asked for
before=$(find machines -type f | wc -l)
mpi 2 machine --seconds 1 --only noise,flops --against own/place.json
expect_exit 0
expect_out "dgemm"
expect_out "compared with own/place.json"
! grep -q -e triad -e ping-pong out || fail "more than asked for: $(show_run)"
[ "$(find machines -type f | wc -l)" = "$before" ] || fail "a part was written"
mpi 1 machine --seconds 1 --only disk --dir none --json
expect_exit 0
! grep -q disk_write out || fail "a disk test where none was wanted"
[ -z "$(find . -name '.trireme-disk*')" ] || fail "a test file is left"

# refused before anything is measured
mpi 2 machine --sceonds 2
refused 2 "did you mean --seconds?"
mpi 2 machine --seconds 0
refused 2 "--seconds"
mpi 2 machine --only memory,cahce
refused 2 "use cache"
mpi 2 machine extra
refused 2 "extra"
mpi 2 machine --against nowhere.json
refused 2 "nowhere.json"
echo '{"schema": 1}' >wrong.json
mpi 1 machine --against wrong.json
refused 2 "expected trireme.machine/1"
mpi 2 machine --dir nowhere
refused 3 "--dir=nowhere"
mpi 2 machine --output /proc/here/file.json
refused 3 "/proc/here/file.json"
mpi 2 machine --output new/file.json
refused 3 "new/file.json: No such file or directory"
[ ! -e new ] || fail "a directory was made"
mkdir place
mpi 1 machine --output place
refused 3 "place: Is a directory"
if mount_tmpfs ro "$scratch/ro"; then
  mpi 2 machine --output "$scratch/ro/file.json"
  refused 3 "Read-only file system"
fi
if mount_tmpfs size=1m "$scratch/small"; then
  mpi 2 machine --seconds 1 --only disk --dir "$scratch/small"
  refused 3 "MiB free"
fi

alone help machine
expect_exit 0
for word in --quick --seconds --threads --output --dir --against --only --json; do
  expect_out "$word"
done
alone machine --help
expect_exit 0
expect_out "--against"
echo "machine files are whole and found; what is wrong is refused in one line"
