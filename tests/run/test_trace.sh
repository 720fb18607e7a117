#!/bin/sh
# TEST timeout=240 slow once
# The timeline of a run: JSON that Perfetto reads, with every message as an arrow
# forward in time, bars that do not overlap, and a word on which steps it shows.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
cd "$scratch"

cat >check.py <<'END'
import collections, json, os, sys
path, ranks, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
trace = json.load(open(path))
other, events = trace["otherData"], trace["traceEvents"]
rows = collections.defaultdict(list)
starts, finishes, labels = {}, {}, {}
for e in events:
    assert 0 <= e["pid"] < ranks and 0 <= e["tid"] < threads, e
    if e["ph"] == "X":
        rows[e["pid"], e["tid"]].append((round(e["ts"] * 1000), round(e["dur"] * 1000), e))
        assert e["dur"] >= 0, e
    elif e["ph"] in "sf":
        side = starts if e["ph"] == "s" else finishes
        assert e["id"] not in side, e
        side[e["id"]] = e
    else:
        assert e["ph"] == "M", e
        labels[e["pid"], e["tid"], e["name"]] = e["args"]["name"]
for r in range(ranks):
    assert labels[r, 0, "process_name"].startswith("rank %d on " % r), labels
    for t in range(threads):
        assert labels[r, t, "thread_name"] == "thread %d" % t, labels

# bars of one row do not overlap, those of all ranks lie in the windows
windows = other["windows"]
for row, bars in rows.items():
    bars.sort(key=lambda b: (b[0], b[1]))
    for a, b in zip(bars, bars[1:]):
        assert a[0] + a[1] <= b[0], (row, a, b)
    for start, length, e in bars:
        assert any(w["begin"] * 1000 - 1 <= start and start + length <= w["end"] * 1000 + 1
                   for w in windows), (row, e, windows)

# every arrow has both ends, on two ranks, forward in time, its end within a bar; where
# clocks differ by more than a message takes, it ends where it begins
own_clocks = len(sys.argv) > 4
assert starts.keys() == finishes.keys()
for i, s in starts.items():
    f = finishes[i]
    assert s["ts"] <= f["ts"] and s["pid"] != f["pid"] and s["args"] == f["args"], (s, f)
    assert s["args"]["bytes"] > 0, s
    at = round(f["ts"] * 1000)
    assert any(b[0] <= at <= b[0] + b[1] for b in rows[f["pid"], 0]) or \
        own_clocks and s["ts"] == f["ts"], f

# which windows
kinds = {b[2]["cat"] for bars in rows.values() for b in bars}
names = {b[2]["name"] for bars in rows.values() for b in bars}
assert other["steps"] == sum(w["steps"] for w in windows) <= other["steps_made"], other
for a, b in zip(windows, windows[1:]):
    assert a["first_step"] + a["steps"] <= b["first_step"] and a["chunk"] < b["chunk"], (a, b)
for w in windows:
    assert w["begin"] <= w["shown_until"] <= w["end"], w
assert other["shown"] == "%d windows, %d of %d steps" % (
    len(windows), other["steps"], other["steps_made"]), other
if not any(w["shown_until"] < w["end"] for w in windows):
    assert "sweep" in names and {"call", "region"} <= kinds, (kinds, names)
    assert len(rows) == ranks * threads, rows.keys()
    assert ranks == 1 or {"waiting", "transfer"} <= names, names
print(len(starts), other["steps"], len(windows), sum(w["ranks_cut"] for w in windows),
      other["windows_recorded"], os.path.getsize(path),
      sum(w["shown_until"] < w["end"] for w in windows), "checkpoint" in kinds)
END

# look FILE RANKS THREADS [own clocks]: is it one, and what does it show?
look() {
  /usr/bin/python3 check.py "$@" >seen || fail "not a timeline: $1"
  read -r arrows steps windows cut recorded bytes clipped saved <seen
}

# all steps of a short run: as many arrows as messages were sent
mpi 3 run heat --nx 33 --ny 20 --nz 17 --steps 30 --threads 2 --trace t.json --result r.jsonl \
  --checkpoint sets --every 15 --quiet
expect_exit 0
expect_out "timeline    t.json"
look t.json 3 2
[ "$arrows" = "$(key r.jsonl counted.messages)" ] || fail "$arrows arrows"
[ "$steps $cut $clipped $saved" = "30 0 0 True" ] || fail "$(cat seen)"
[ "$windows" = "$recorded" ] || fail "$(cat seen)"
[ ! -e t.json.part ] || fail "t.json.part is left"

# more windows than are kept: spread over the run
mpi 3 run heat --n 12 --steps 100 --threads 2 --trace t.json --checkpoint often --every 2 --quiet
expect_exit 0
look t.json 3 2
[ "$windows" -ge 8 ] || fail "$(cat seen)"
[ "$windows" -le 16 ] || fail "$(cat seen)"
/usr/bin/python3 - <<'END' || fail "not spread"
import json
chunks = [w["chunk"] for w in json.load(open("t.json"))["otherData"]["windows"]]
assert len({b - a for a, b in zip(chunks, chunks[1:])}) == 1 and chunks[0] == 0, chunks
END

# bounded: whole windows are left out; of a single one the end
for limit in 400000 200000 50000; do
  TRM_TRACE_LIMIT=$limit mpi 3 run heat --n 12 --steps 100 --threads 2 --trace small.json \
    --checkpoint again$limit --every 4 --quiet
  expect_exit 0
  look small.json 3 2
  [ "$bytes" -le $limit ] || fail "$limit: $(cat seen)"
  [ "$windows" -lt "$recorded" ] || fail "$limit: $(cat seen)"
done
for limit in 20000 10000; do
  TRM_TRACE_LIMIT=$limit mpi 3 run heat --n 12 --steps 2000 --threads 2 --trace small.json \
    --checkpoint last$limit --every 2000 --quiet
  expect_exit 0
  look small.json 3 2
  [ "$bytes" -le $limit ] || fail "$limit: $(cat seen)"
done
[ "$clipped" = 1 ] || fail "$(cat seen)"

# every rank with a clock of its own, as if on other hosts; and one rank
TRM_CLOCKS=all mpi 3 run heat --n 16 --steps 20 --threads 2 --trace t.json --quiet
expect_exit 0
look t.json 3 2 own
mpi 1 run heat --n 16 --steps 20 --threads 2 --trace t.json --quiet
expect_exit 0
look t.json 1 2
[ "$arrows" = 0 ] || fail "$(cat seen)"

# refused before the first step
mpi 3 run heat --n 16 --steps 2 --trace nowhere/t.json
refused 2 "--trace=nowhere/t.json: the directory nowhere cannot be written to"
mpi 3 run heat --n 16 --steps 2 --trace t.json --no-meter
refused 2 "leave out --no-meter"
mpi 3 run heat --n 16 --steps 2 --trace same --result same
refused 2 "--result and --trace name the same file"

# a full disk: the old timeline stays, the run says what failed
if mount_tmpfs size=16k full; then
  echo old >full/t.json
  mpi 3 run heat --n 16 --steps 50 --trace full/t.json --quiet
  refused 3 "--trace=full/t.json: No space left on device; no timeline was written"
  [ "$(cat full/t.json)" = old ] || fail "$(ls -l full)"
  [ "$(ls full)" = t.json ] || fail "$(ls -l full)"
else
  echo "skipped: a full disk, which needs root"
fi
echo "timelines"
