#!/bin/sh
# TEST timeout=120 once
# roofline: what is drawn and said, what is refused; and a result that carries its
# own roofline.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
cd "$scratch"
TRIREME_MACHINES=$scratch/none
export TRIREME_MACHINES

# Results of a made-up machine: good ones and one of each flaw.
write_machine machine.json
/usr/bin/python3 - <<'END'
import json
machine = json.load(open("machine.json"))

def result(kernel, ranks, threads, flops, size, seconds, **more):
    r = {"schema": "trireme.result/1", "kernel": kernel, "ranks": ranks,
         "threads": threads, "hosts": 1, "origin": "measured", "verified": True,
         "seconds": {"advance": seconds}, "work": {"flops": flops, "bytes": size},
         "roofline": {"fraction": 0.75}, "machine": None}
    r.update(more)
    return json.dumps(r) + "\n"
good = [result("triad", 1, 1, 2e9, 24e9, .62), result("triad", 2, 1, 2e9, 24e9, .54),
        result("heat", 2, 1, 9e9, 16e9, .385), result("heat", 1, 2, 9e9, 16e9, .39),
        result("n_body", 2, 1, 2e12, 5e9, 11.4)]
open("good.jsonl", "w").writelines(good)
open("flawed.jsonl", "w").writelines([
    "\n", result("over", 5, 1, 9e9, 16e9, .9, origin="oversubscribed"),
    result("wrong", 2, 1, 5e9, 4e9, .3, verified=False, roofline=None),
    result("unsure", 3, 1, 5e9, 4e9, .2, verified=None),
    result("sort", 2, 1, 0, 16e9, 1)])
carried = {"class": "made-up-2c-8g", "written": "2026-01-02", "file": "m", "figures": {
    "cores": 2, "ranks": 2, "threads": 1, "hosts": 1,
    "triad": {"one": 26e9, "all": 36e9}, "fma_f64": {"one": 58e9, "all": 116e9}}}
open("carried.jsonl", "w").write(result("lbm", 2, 1, 9e9, 8e9, 1, machine=carried))
open("other.jsonl", "w").write(
    result("lbm", 2, 1, 9e9, 8e9, 1, machine=carried) +
    result("lbm", 2, 1, 9e9, 8e9, 1, machine={"class": "another", "file": None}))
open("idle.jsonl", "w").write(result("sort", 2, 1, 0, 16e9, 1))
open("text.jsonl", "w").write("seventeen\n")
open("cut.jsonl", "w").write(good[0] + good[1][:40])
open("crowd.jsonl", "w").writelines(
    result(f"k{i}", 2, 1, 9e9 * (1 + i % 5 / 9), 16e9, .4 + i / 50) for i in range(24))
open("old.json", "w").write('{"schema": "trireme.machine/0"}')
END

# labels FILE.svg: the texts of a picture, one a line; not well-formed: fails
labels() {
  /usr/bin/python3 - "$1" <<'END'
import sys, xml.etree.ElementTree as tree
svg = tree.parse(sys.argv[1]).getroot()
assert svg.tag.endswith("svg"), svg.tag
for text in svg.iter("{http://www.w3.org/2000/svg}text"):
    print("".join(text.itertext()).strip())
END
}

expect_label() { grep -qxF -- "$1" words || fail "no label \"$1\" in: $(cat words)"; }

# apart FILE.gp: no level label of results lies on another one
apart() {
  /usr/bin/python3 - "$1" <<'END'
import re, sys
boxes = []
for line in open(sys.argv[1]):
    m = re.match(r"set label '(.*×.*, 0.75)' at screen ([\d.]+),([\d.]+) (\w+) font", line)
    if not m: continue
    width, x, y = 6.5 * len(m[1]), 1000 * float(m[2]), 680 * float(m[3])
    x -= {"left": 0, "center": width / 2, "right": width}[m[4]]
    boxes.append((x, y - 6, x + width, y + 6, m[1]))
assert len(boxes) >= 20, len(boxes)
for i, a in enumerate(boxes):
    for b in boxes[:i]:
        assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1], (a, b)
END
}

command -v gnuplot >/dev/null || skip "gnuplot is not in PATH"

# -- what is drawn
alone roofline good.jsonl flawed.jsonl --machine machine.json -o all.svg
expect_exit 0
expect_out "over, 5 ranks x 1 thread: drawn hollow: oversubscribed"
expect_out "wrong, 2 ranks x 1 thread: drawn hollow: a wrong result"
expect_out "unsure, 3 ranks x 1 thread: drawn hollow: not verified"
expect_out "sort, 2 ranks x 1 thread: not drawn: it has no flops"
expect_out "all.svg: 8 results"
labels all.svg >words
for label in "triad 1×1, 0.75" "triad 2×1, 0.75" "heat 2×1, 0.75" "heat 1×2, 0.75" \
  "n_body 2×1, 0.75" "over 5×1, 0.75" "wrong 2×1" "unsure 3×1, 0.75" made-up-2c-8g \
  "FMA, double: 116 G flop/s" "FMA, single: 233 G flop/s" "streaming stores: 48 GB/s" \
  "plain stores: 36 GB/s" "cache, 32.0 KiB per core: 422 GB/s" \
  "cache, 512 KiB per core: 232 GB/s" "roofline; ceilings of 2 cores, measured 2026-01-02"; do
  expect_label "$label"
done
[ ! -e all.svg.gp ] || fail "a script was kept that nobody asked for"

alone roofline crowd.jsonl --machine machine.json --output=crowd.svg --keep
expect_exit 0
labels crowd.svg >words
apart crowd.svg.gp

# -- ceilings that results carry; another machine is said; a picture of dots
alone roofline carried.jsonl -o carried.svg
expect_exit 0
labels carried.svg >words
expect_label "plain stores: 36 GB/s"
expect_label "FMA, double: 116 G flop/s"
alone roofline other.jsonl -o carried.svg
expect_exit 0
expect_out "other.jsonl, line 2: of another machine, another"
alone roofline good.jsonl --machine machine.json -o all.png
expect_exit 0
/usr/bin/python3 -c '
data = open("all.png", "rb").read()
assert data[:8] == b"\x89PNG\r\n\x1a\n" and data[-8:-4] == b"IEND", data[:8]'

# -- what is refused: one line each, and nothing is written
rm -f no.svg no.txt
alone roofline -o no.svg
refused 2 "no results given"
alone roofline good.jsonl
refused 2 "no output given"
alone roofline good.jsonl --machine machine.json -o no.txt
refused 2 "the name must end in .svg or .png"
alone roofline good.jsonl --machin machine.json -o no.svg
refused 2 "did you mean --machine"
alone roofline good.jsonl -o
refused 2 "--output"
alone roofline missing.jsonl --machine machine.json -o no.svg
refused 2 "missing.jsonl: No such file"
alone roofline . --machine machine.json -o no.svg
refused 2 ".: Is a directory"
alone roofline /dev/null --machine machine.json -o no.svg
refused 2 "/dev/null: empty"
alone roofline text.jsonl --machine machine.json -o no.svg
refused 2 "text.jsonl, line 1: not a result"
alone roofline cut.jsonl --machine machine.json -o no.svg
refused 2 "cut.jsonl, line 2: not a result"
alone roofline idle.jsonl --machine machine.json -o no.svg
refused 2 "nothing to draw"
alone roofline good.jsonl -o no.svg
refused 2 "no ceilings"
alone roofline good.jsonl --machine missing.json -o no.svg
refused 2 "missing.json"
alone roofline good.jsonl --machine old.json -o no.svg
refused 2 "old.json"
alone roofline good.jsonl --machine machine.json -o nowhere/no.svg
refused 3 "nowhere/no.svg: No such file or directory"
mkdir tools
PATH=$scratch/tools:$PATH
cat >tools/gnuplot <<'END'
#!/bin/sh
echo >&2
echo "line 3: it is not my day" >&2
exit 1
END
chmod +x tools/gnuplot
alone roofline good.jsonl --machine machine.json -o no.svg
refused 3 "gnuplot: line 3: it is not my day"
rm tools/gnuplot
for tool in timeout cat grep ls; do ln -s "$(command -v $tool)" tools; done
before=$PATH
# shellcheck disable=SC2123 # nothing else is to be found
PATH=$scratch/tools
alone roofline good.jsonl --machine machine.json -o no.svg
refused 3 "gnuplot is not in PATH"
PATH=$before
for left in no.svg* no.txt* nowhere; do
  [ ! -e "$left" ] || fail "$left was left behind"
done

# -- a run's own roofline, without a machine file
mpi 3 run heat --n 12 --steps 4 --result run.jsonl
expect_exit 0
expect_out "no machine file: mpirun ... "
/usr/bin/python3 - run.jsonl <<'END'
import json, sys
r = json.loads(open(sys.argv[1]).read())
line, work, seconds = r["roofline"], r["work"], r["seconds"]["advance"]
assert line["binds"] is None and line["fraction"] is None and line["ceilings"] == []
assert line["intensity"] == 9 / 16
assert abs(line["flops_per_s"] - work["flops"] / seconds) <= 1e-9 * line["flops_per_s"]
assert abs(line["bytes_per_s"] - work["bytes"] / seconds) <= 1e-9 * line["bytes_per_s"]
assert r["machine"] is None or r["machine"]["file"] is None
END

# -- and with one, of the class that this host has
/usr/bin/python3 - run.jsonl <<'END'
import json, sys
r = json.loads(open(sys.argv[1]).read())
m = json.load(open("machine.json"))
if not r["machine"]: sys.exit()
m["class"] = r["machine"]["class"]
open("known", "w").write("")
import os
os.mkdir("none")
json.dump(m, open("none/m.json", "w"))
END
[ -e known ] || skip "the class of this host is not known"
rm run.jsonl
mpi 2 run heat --n 80 --stores stream --steps 4 --result run.jsonl
expect_exit 0
grep -q '^  roofline    *[0-9.]* of ' out || fail "want a line: $(show_run)"
/usr/bin/python3 - run.jsonl <<'END'
import json, sys
r = json.loads(open(sys.argv[1]).read())
line, seconds = r["roofline"], r["seconds"]["advance"]
names = [c["name"] for c in line["ceilings"]]
# 8 MB: each core's half is in no cache that is faster than memory: rungs to 8 MiB
assert names == ["peak of double FMA", "cache bandwidth"], names
least = max(c["seconds"] for c in line["ceilings"])
assert line["attainable_seconds"] == least
assert abs(line["fraction"] - least / seconds) <= 1e-12 * line["fraction"]
flops = r["work"]["flops"]
assert abs(line["ceilings"][0]["seconds"] - flops / 116e9) <= 1e-12
assert line["ceilings"][1]["rate"] == 2 * 97e9
figures = r["machine"]["figures"]
assert figures["triad_stream"] == {"one": 41e9, "all": 48e9}, figures
END
alone roofline run.jsonl -o run.svg
expect_exit 0
labels run.svg >words
grep -q '^heat 2×1, ' words || fail "no label of heat: $(cat words)"
