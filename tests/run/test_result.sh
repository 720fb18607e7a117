#!/bin/sh
# TEST timeout=120 once
# The result line is JSON with all its keys; options come from a file too, and the
# command line wins; the sketch depends on no rank count.
set -eu
check_leaks=1
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
cd "$scratch"

printf '%s\n' '# heat' 'nx = 21' 'ny=20   # small' 'nz = "19"' 'walls = y' \
  'steps = 12' 'result = r.jsonl' 'quiet = yes' >heat.conf
mpi 3 run heat --config heat.conf --nx 22 --threads 2 --output out.h5 --picture p.png
expect_exit 0
expect_out "nx=22 ny=20"
expect_out "fingerprint"
if grep -v '^doctor: ' err; then fail "--quiet is not: $(cat err)"; fi

/usr/bin/python3 - <<'END'
import h5py, json
r = json.loads(open("r.jsonl").read())
keys = """schema kernel options ranks threads hosts origin steps fingerprint sketch verified
checks seconds rate work counted memory gauges ledger machine build""".split()
missing = [k for k in keys if k not in r]
assert not missing, missing
assert r["schema"] == "trireme.result/1" and r["kernel"] == "heat"
assert r["options"]["nx"] == 22 and r["options"]["ny"] == 20 and r["options"]["walls"] == "y"
assert (r["ranks"], r["threads"], r["steps"], r["verified"]) == (3, 2, 12, True), r
assert len(r["sketch"]) == 8 and len(r["fingerprint"]) == 16
assert all(c["pass"] for c in r["checks"]) and r["checks"]
assert r["rate"]["value"] > 0 and r["rate"]["unit"] == "cell/s"
assert r["work"]["updates"] == 22 * 20 * 19 * 12
assert r["work"]["messages"] == r["counted"]["messages"]
assert r["work"]["message_bytes"] == r["counted"]["message_bytes"] > 0
balance = r["meter"]["balance"]
assert balance["updates"]["max"] == 22 * 7 * 19 * 12, balance  # of 20 rows 7, 7, 6
assert balance["updates"]["min"] == 22 * 6 * 19 * 12, balance
assert balance["useful"]["max"] >= balance["useful"]["second"] >= balance["useful"]["min"] > 0
assert balance["per_update"]["min"] > 0 and balance["counted"]["max"] > 0
sites = {s["name"]: s for s in r["meter"]["sites"]}
assert sites["sweep"]["in_loop"]["ranks"] == 3 and sites["sweep"]["in_loop"]["max"] > 0, sites
assert sites["sweep"]["in_loop"]["entries"] == sites["sweep"]["entries"], sites
assert sites["fill"]["entries"] > sites["fill"]["in_loop"]["entries"] == 0, sites
assert sorted({s["code"] for s in r["doctor_said"]}) == sorted(r["doctor"]), r["doctor_said"]
assert all(s["found"] and s["want"] for s in r["doctor_said"]), r["doctor_said"]
for part in "total setup advance checkpoint verify".split():
    assert r["seconds"][part] >= 0
u = h5py.File("out.h5")["u"]
assert u.shape == (19, 20, 22), u.shape
END
grep -q 'Dimensions="19 20 22".*out.h5:/u' out.xdmf || fail "XDMF: $(cat out.xdmf)"
head -c 8 p.png | od -An -c | grep -q 'P   N   G' || fail "no PNG"

mpi 1 run heat --config heat.conf --nx 22 --threads 1
expect_exit 0
[ "$(wc -l <r.jsonl)" = 2 ] || fail "results are not appended"
first=$(head -n 1 r.jsonl >one && key one sketch)
[ "$first" = "$(key r.jsonl sketch)" ] || fail "sketches differ: $first $(key r.jsonl sketch)"
[ "$(key one fingerprint)" = "$(key r.jsonl fingerprint)" ] || fail "fingerprints differ"

# without the meter there is nothing to compare ranks by
mpi 2 run heat --config heat.conf --nx 22 --threads 1 --no-meter
expect_exit 0
[ "$(key r.jsonl meter)" = null ] || fail "a meter of a run that had none"

# measured on one core of two: said, and no ceilings
mkdir few
alone machine --seconds 0.5 --threads 1 --dir none --output few/m.json && expect_exit 0
sed 's/"cores":.*/"cores": 2,/' few/m.json >few/two.json && rm few/m.json
TRIREME_MACHINES=few mpi 2 run triad --n 5000 --steps 3 --threads 1
expect_exit 0
expect_out "the machine file covers fewer cores"

# what triad states: whole vectors pass the caches
mpi 3 run triad --n 5000 --steps 3 --variant stream --result triad.jsonl --quiet
expect_exit 0
tail -n 1 triad.jsonl | /usr/bin/python3 -c '
import json, sys
work = json.load(sys.stdin)["work"]
want = {"stated": True, "updates": 15000, "flops": 30000, "bytes": 24 * 15000, "messages": 0}
assert {k: work[k] for k in want} == want, work
' || fail "$(tail -n 1 triad.jsonl)"

# pictures of 1, 2 and 3 dimensions, larger and smaller than the paper
mpi 2 run triad --n 5000 --steps 3 --picture line.png && expect_exit 0
mpi 3 run heat --nx 3000 --ny 40 --nz -1 --steps 3 --picture plane.png && expect_exit 0
for picture in line plane; do [ -s $picture.png ] || fail "no $picture.png"; done

# help and lists
alone help heat && expect_exit 0 && expect_out "--walls"
alone list && expect_exit 0 && expect_out "heat"
alone version && expect_exit 0 && expect_out "HDF5"
alone && expect_exit 2
alone --help && expect_exit 0
ln -s "$TRIREME" trireme # as it is typed, it stands in the commands
"$TRIREME" help | sed -n '/^Topics/,/^$/s/^  \([a-z][a-z]*\) .*/\1/p' >topics
[ "$(wc -l <topics)" -ge 7 ] || fail "topics: $(cat topics)"
while read -r topic; do
  ./trireme help "$topic" >out || fail "help $topic"
  [ "$(wc -l <out)" -gt 5 ] || fail "help $topic: $(cat out)"
  if grep -n '.\{80\}' out; then fail "help $topic: wider than a terminal"; fi
done <topics

# every part and every efficiency of a ledger is explained
for what in "run --checkpoint" "study --mode" "report --extrap" "compare --gate" "machine --only" \
  "doctor --bind-to" "roofline --machine" "timeline --window"; do
  alone help "${what% *}" && expect_exit 0
  expect_out "${what#* }"
  alone "${what% *}" --help && expect_exit 0
done
alone timeline --help && expect_out "--window"
alone help machne && refused 2 "did you mean machine?"

# every verb is explained, with an example, together and alone; nothing is left to fill in
for verb in ls show verify diff; do
  alone help ckpt && expect_out "trireme ckpt $verb "
  alone help ckpt $verb && expect_exit 0 && expect_out "trireme ckpt $verb "
  [ "$(grep -c '^ckpt ' out)" = 1 ] || fail "help ckpt $verb: $(show_run)"
done
alone help ckpt lss && refused 2 "choose from ls, show, verify, diff"
alone help run now && refused 2 'help run takes no "now"'
for command in $("$TRIREME" help | sed -n '/^Usage/,/^Topics/s/^  \([a-z][a-z]*\) .*/\1/p'); do
  alone help "$command" && expect_exit 0
  if grep -nE ' :|\{(program|name|options|site|launch[a-z]*|machines)\}' out; then
    fail "help $command: $(show_run)"
  fi
done
alone help run && expect_out "default: the kernel's, else 100"
alone help heat && expect_out "--steps 100"

alone help ledger
/usr/bin/python3 - <<'END'
import json
text = open("out").read()
ledger = json.loads(open("r.jsonl").readline())["ledger"]
for part in ledger["parts"]:
    assert "\n  " + part.replace("_", " ") in text, part
for efficiency in ledger["efficiency"]:
    assert efficiency in text.split("efficiencies")[1], efficiency
END
alone help meter
for word in --no-meter --trace LD_PRELOAD; do expect_out "$word"; done
mpi 2 run heat --help && expect_exit 0
[ "$(grep -c '^Options of heat' out)" = 1 ] || fail "help comes from every rank"
echo "a result with all its keys"
