#!/bin/sh
# TEST timeout=120 once
# timeline: a picture of what run --trace wrote.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
cd "$scratch"

mpi 3 run heat --n 32 --steps 40 --threads 2 --trace t.json --quiet
expect_exit 0
alone timeline t.json -o t.svg --window 0 --length 1e9
expect_exit 0
/usr/bin/python3 -c '
import json, re, sys
import xml.etree.ElementTree as tree
trace = json.load(open("t.json"))
window = trace["otherData"]["windows"][0]
inside = [e for e in trace["traceEvents"] if e["ph"] == "X" and
          e["ts"] + e["dur"] > window["begin"] and e["ts"] < window["end"]]
svg = "{http://www.w3.org/2000/svg}"
root = tree.parse("t.svg").getroot()
titled = [r for r in root.iter(svg + "rect") if r.find(svg + "title") is not None]
assert len(titled) == len(inside), (len(titled), len(inside))
words = [t.text for t in root.iter(svg + "text")]
for rank in range(3):
    assert f"rank {rank}" in words, words
assert words.count("thread 1") == 3, words
names = {r.find(svg + "title").text.split(",")[0] for r in titled}
assert "sweep" in names, names
for r in titled:
    left, width = float(r.get("x")), float(r.get("width"))
    assert 132 <= left and left + width <= 1080, (left, width)
'
echo "each bar of the window is in the picture, in its row"

alone timeline t.json -o t.svg --window 99
refused 2 "--window 99"
alone timeline t.json -o t.svg --from 1e9
refused 2 "--from"
alone timeline t.json
refused 2 "-o FILE.svg"
alone timeline t.json -o t.pdf
refused 2 "must end in .svg"
[ ! -e t.pdf ] || fail "t.pdf was written"
alone timeline
refused 2 "FILE.json"
alone timeline nowhere.json -o t.svg
refused 2 "nowhere.json"
echo '{"traceEvents": 3}' >bad.json
alone timeline bad.json -o t.svg
refused 2 "not a timeline"
sed 's/"tid":0/"tid":3e111/' t.json >far.json # a number that no integer holds
alone timeline far.json -o far.svg
expect_exit 0
alone timeline t.json -o nowhere/t.svg
refused 3 "nowhere/t.svg"
mpi 1 run heat --n 9 --steps 0 --trace none.json --quiet
expect_exit 0
alone timeline none.json -o t.svg
refused 2 "none.json: no steps were recorded"
echo "bad input gets one line"
