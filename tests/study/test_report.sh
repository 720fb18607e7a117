#!/bin/sh
# TEST timeout=300 cost=40 slow once
# report: the page as Chromium shows it, wide and narrow, light and dark and on paper;
# pictures, tables and exports say what the launches said; texts that try to break out
# do not.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
here=$(cd "$(dirname "$0")" && pwd)
cd "$scratch"
made_up() { /usr/bin/python3 "$here/made_up.py" "$@"; }
look() { /usr/bin/python3 "$here/look.py" "$@"; }

made_up all strong threads weak memory
made_up hostile strong weak hostile
made_up other strong weak slower
made_up answers strong weak slower answers
made_up two two
made_up three three
made_up cluster cluster
made_up few two few
made_up worse worse failing

# -- tables, against the launches themselves
alone report all
expect_exit 0
expect_out "all/report.html"
/usr/bin/python3 - <<'END'
import csv, json, statistics
configs = json.load(open("all/study.json"))["configs"]
launches = [json.loads(l) for l in open("all/launches.jsonl")]
lines = [json.loads(l) for l in open("all/points.jsonl")]
rows = list(csv.DictReader(open("all/points.csv", newline="")))
assert len(lines) == len(rows) == len(configs), (len(lines), len(rows), len(configs))
base = {}
for i, (c, line, row) in enumerate(zip(configs, lines, rows)):
    each = line.pop("each_seconds")
    assert list(line) == list(row), (line, row)
    for name, value in line.items():
        text = row[name]
        if value is None: assert text == "", (name, text)
        elif isinstance(value, bool): assert text == str(value).lower(), (name, text)
        elif isinstance(value, str): assert text == value, (name, text)
        else: assert float(text) == value, (name, text, value)
    results = [l["result"] for l in launches if l["config"] == i and l["result"]]
    seconds = [r["seconds"]["advance"] / r["steps"] for r in results]
    assert all(abs(a - b) <= 1e-12 * b for a, b in zip(each, seconds)) and len(each) == len(seconds)
    assert line["valid"] == bool(seconds), line
    for name in ("load", "steal"):
        known = [l[name] for l in launches if l["config"] == i and l[name] >= 0]
        assert abs(line[name] - statistics.median(known)) < 1e-12, line
    assert line["last"] == (None if seconds else "trireme: heat: rank 3 is out of memory"), line
    if not seconds: continue
    median = statistics.median(seconds)
    assert abs(line["seconds"] - median) <= 1e-12 * median
    assert line["seconds_low"] <= median <= line["seconds_high"]
    rate = results[0]["work"]["updates"] / results[0]["steps"] / median
    first = base.setdefault(c["series"], (rate, line["cores"]))
    assert abs(line["speedup"] - rate / first[0]) <= 1e-9 * line["speedup"], line
    assert abs(line["efficiency"] - line["speedup"] * first[1] / line["cores"]) <= 1e-9
    # Karp and Flatt's fraction: of one problem on more cores, as many as there are
    p = line["cores"] / first[1]
    if c["mode"] not in ("strong", "threads") or p == 1 or line["origin"] == "oversubscribed":
        assert line["karp_flatt"] is None and line["karp_flatt_low"] is None, line
    else:
        for name, of in (("", ""), ("_low", "_high"), ("_high", "_low")):
            want = (1 / line["speedup" + of] - 1 / p) / (1 - 1 / p)
            assert abs(line["karp_flatt" + name] - want) <= 1e-9, line
    parts = [line[p] for p in ("useful", "thread_imbalance", "serial", "rank_imbalance",
                               "waiting", "transfer", "checkpoint", "outside")]
    assert abs(sum(parts) - line["core_seconds"]) <= 1e-9 * line["core_seconds"]
END
/usr/bin/python3 - <<'END'
import json
laws = [json.loads(l) for l in open("all/laws.jsonl")]
said = [json.loads(l) for l in open("all/verdict.jsonl")]
configs = json.load(open("all/study.json"))["configs"]
series = {c["series"]: c["mode"] for c in configs}
assert [(v["series"], v["mode"]) for v in said] == sorted(series.items()), said
page = open("all/report.html").read()
for v in said:
    assert v["text"].split(".")[0] in page and "Next: " in v["text"], v
    assert v["limit"] is None or abs(v["won"] - 1 / (1 - v["lost"])) < 1e-9, v
assert any(v["limit"] for v in said)
kinds = {m: [l["law"] for l in laws if l["mode"] == m] for m in ("weak", "threads")}
assert kinds == {"weak": ["Gustafson", "normal form"], "threads": ["Amdahl", "USL", "normal form"]}, kinds
amdahl = next(l for l in laws if l["law"] == "Amdahl" and l["mode"] == "strong")
f = {p["name"]: p for p in amdahl["parameters"]}["serial_fraction"]
assert amdahl["fitted"] and 0.02 < f["low"] <= f["value"] <= f["high"] < 0.06, f
assert amdahl["expected_exponent"] == -1 and amdahl["to"] == 8 and amdahl["at_2x"]["p"] == 16
assert amdahl["at_2x"]["low"] <= amdahl["at_2x"]["seconds"] <= amdahl["at_2x"]["high"]
gustafson = next(l for l in laws if l["law"] == "Gustafson")
f = {p["name"]: p for p in gustafson["parameters"]}["serial_fraction"]
assert gustafson["fitted"] and f["low"] <= 0.2 <= f["high"] and f["high"] - f["low"] < 0.2, f
few = [l for l in laws if not l["fitted"]]
assert all(l["at_2x"] is None and l["at_4x"] is None and l["unknown"] and not l["parameters"] for l in few)
END
echo "points.csv and points.jsonl are what the launches come to"

# -- the page as text
look all/report.html >seen.json
/usr/bin/python3 - <<'END'
import json, re
seen = json.load(open("seen.json"))
text, tags = seen["text"], seen["tags"]
assert "script" not in tags and "img" not in tags and "iframe" not in tags, tags
for words in ("Strong scaling", "Weak scaling", "Threads", "Memory", "Roofline", "How to read it",
              "Machine and launch", "Made-up 8-core at 3 GHz", "rank 3 is out of memory",
              "shares differ by 2 %", "oversubscribed", "Amdahl", "Gustafson", "mpirun --bind-to core"):
    assert words in text, words
assert text.index("efficiency") < text.index("Strong scaling: one"), "the verdict is not on top"
assert text.count("7 of 7") == 32 and text.count("0 of 7") == 1
# made of 0.03, and half as slow again where there are more threads than cores
fraction = float(re.search(r"Amdahl.*?serial fraction ([\d.]+)", text, re.S)[1])
assert 0.02 < fraction < 0.045, fraction
END
cp all/report.html first.html
alone report all
cmp first.html all/report.html || fail "drawn again it is another page"
alone report two
expect_exit 0
look two/report.html | grep -q "not fitted" || fail "two points: want words, not a law"
look two/report.html | grep -q "are needed; the work model expects p^-1" ||
  fail "two points: want the exponent of the work model all the same"
alone report three
expect_exit 0
alone report cluster
expect_exit 0
/usr/bin/python3 - <<'END'
import re
def words(name): return re.sub(r"<svg.*?</svg>", "", open(name + "/report.html").read(), flags=re.S)
def heads(part): return [re.findall(r"<th scope=\"col\">([^<]*)", t) for t in part.split("<thead>")[1:]]
three = words("three")
open_question = "3 points leave one to check 2 parameters"
assert open_question in three.split("<h3>Laws")[1].split("<h3>")[0], "the law's row"
assert open_question in re.search("<figcaption>(Time per step.*?)</figcaption>", three, re.S)[1], "its picture"
cluster = words("cluster")
assert re.search(r"speed-up on 128 cores</dt>\s*<dd>[\d.]+<small>over 32 cores: ", cluster)
assert "Updates per second relative to those on 32 cores." in cluster
assert "speed-up over 32 cores" in heads(cluster.split("<h3>Points")[1])[0]
every = {part.split(":")[0]: part for part in words("all").split("<h2>")}
strong, weak = (heads(every[k].split("<h3>Points")[1])[0] for k in ("Strong scaling", "Weak scaling"))
assert "serial fraction" in strong and "speed-up" in strong, strong
assert "speed-up over 1 core" in weak and "serial fraction" not in weak, weak
series = re.findall(r"</span>([^<]*; speed-up over[^<]*)<", every["Strong scaling"])
assert series == ["1 thread, n=256; speed-up over 1 core", "2 threads, n=256; speed-up over 2 cores"], series
for mode, part in every.items():
    assert ("rises with the cores" in part) == (mode in ("Strong scaling", "Threads")), mode
assert re.search(r"<td>0\.0\d\d<small>0\.0\d\d to 0\.0\d\d</small>", every["Strong scaling"]), "an interval"
END
alone report worse
expect_exit 0
look worse/report.html >seen.json
/usr/bin/python3 - <<'END'
import json, re
text = json.load(open("seen.json"))["text"]
assert "none: slower than on one" in text
rows = re.findall(r"4\S1\s+n=(\d+)", text)
assert rows == ["20", "100", "300"], rows
END
echo "one page, nothing from elsewhere, the same when it is drawn again"

# -- pictures: measured points are joined, others are not
if command -v gnuplot >/dev/null; then
  /usr/bin/python3 - <<'END'
import glob, json, os, re, struct, xml.etree.ElementTree as tree
names = sorted(os.path.splitext(os.path.basename(p))[0] for p in glob.glob("all/*.svg"))
assert names == ["efficiency-strong", "efficiency-threads", "efficiency-weak", "law-strong", "law-strong-2",
                 "law-threads", "law-weak", "ledger-memory", "ledger-strong", "ledger-threads", "ledger-weak",
                 "memory", "roofline", "speedup-strong", "speedup-threads", "speedup-weak"], names
for name in names:
    root = tree.parse(f"all/{name}.svg").getroot()
    wide, high = int(root.get("width")), int(root.get("height"))
    with open(f"all/{name}.png", "rb") as f: head = f.read(24)
    assert head[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", head[16:24]) == (2 * wide, 2 * high), (name, wide, high)
svg = open("all/speedup-strong.svg").read()
colour, other = r"rgb\( 51,  34, 136\)", r"rgb\( 17, 119,  51\)"
def marks(shape, colour):
    return [tuple(map(float, m)) for m in
            re.findall(rf"#gpPt{shape}' transform='translate\(([\d.]+),([\d.]+)\)[^>]*color='{colour}'", svg)]
def line(colour):
    paths = re.findall(rf"stroke='{colour}'[^>]*d='M([^M']*)'", svg)  # without a break
    longest = "M" + max(paths, key=lambda d: d.count("L"))
    return [tuple(map(float, p)) for p in re.findall(r"[ML]([\d.]+),([\d.]+)", longest)]
filled, hollow = [p for p in marks(6, colour)], marks(5, colour)
joined = line(colour)
assert len(joined) == 5, joined  # 1, 2, 3, 4, 8 cores; 6 failed, 16 is oversubscribed
assert all(min(abs(x - a) + abs(y - b) for a, b in filled) < 0.1 for x, y in joined), (joined, filled)
assert len(hollow) == 1 and hollow[0][0] > max(x for x, y in joined) + 20, (hollow, joined)
assert len(line(other)) == 3
# a step up of one octave in cores is as wide everywhere
xs = sorted(x for x, y in joined)
assert abs((xs[1] - xs[0]) - (xs[3] - xs[1])) < 0.1 and abs((xs[4] - xs[3]) - (xs[1] - xs[0])) < 0.1, xs
# parts of a bar lie end to end, each as long as its share
points = [p for p in map(json.loads, open("all/points.jsonl")) if p["mode"] == "strong" and p["valid"]]
parts = {"useful": "  0, 114, 178", "rank_imbalance": "230, 159,   0", "waiting": "213,  94,   0",
         "transfer": "240, 228,  66", "outside": "187, 187, 187"}
bars = {}
for part, rgb in parts.items():
    found = re.findall(rf"<polygon fill = 'rgb\({rgb}\)' points = '([^']*)'", open("all/ledger-strong.svg").read())
    for points_of in found:
        xs, ys = zip(*(map(float, p.split(",")) for p in points_of.split()))
        if max(xs) - min(xs) > 0.01 and min(ys) < 400: bars.setdefault(round(min(ys)), {})[part] = (min(xs), max(xs))
bars = [bars[y] for y in sorted(bars)]
assert len(bars) == len(points) == 9, (len(bars), len(points))
left = min(x[0] for b in bars for x in b.values())
for bar, p in zip(bars, points):
    scale = (bar["outside"][1] - left) / p["core_seconds"]
    for part, (x, to) in bar.items():
        order = ["useful", "thread_imbalance", "serial", "rank_imbalance", "waiting", "transfer", "checkpoint", "outside"]
        begin = sum(p[o] for o in order[:order.index(part)])
        assert abs(x - left - scale * begin) < 0.1 and abs(to - x - scale * p[part]) < 0.1, (part, x, to, p)
END
  grep -q "speed-up over 32 cores" cluster/speedup-strong.svg || fail "want the base of speed-ups"
  # a bar is of the level that its caption says
  alone report few
  look few/report.html | grep -q "so few launches have: 50 % at least" ||
    fail "two launches: want a caption with their level"
  ! look few/report.html | grep -q "Bars are 95 %" || fail "two launches: 95 %"
  look all/report.html | grep -q "Bars are 95 % intervals" || fail "want 95 %"
  echo "only measured points are joined, on axes of powers of two"
fi

# -- as a reader sees it
judge() {
  /usr/bin/python3 - "$@" <<'END'
import glob, json, os, re, sys
seen, width, where = json.load(open("seen.json")), int(sys.argv[1]), sys.argv[2]
dark, paper = "dark" in sys.argv[3:], "print" in sys.argv[3:]
assert seen["scripts"] == 0 and seen["loaded"] == [], seen["loaded"]
assert seen["scroll"] <= seen["width"] <= width, (seen["scroll"], seen["width"])
want = {os.path.splitext(os.path.basename(p))[0] for p in glob.glob(where + "/*.svg")}
assert {p["id"] for p in seen["pictures"]} == want, (want, [p["id"] for p in seen["pictures"]])
def channels(colour): return [int(float(c)) for c in re.findall(r"[\d.]+", colour)][:3]
def light(colour):
    c = [v / 255 / 12.92 if v <= 10 else ((v / 255 + 0.055) / 1.055) ** 2.4 for v in channels(colour)]
    return 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2]
def contrast(a, b):
    low, high = sorted((light(a), light(b)))
    return (high + 0.05) / (low + 0.05)
assert (light(seen["ground"]) < 0.05) == dark, seen["ground"]
assert contrast(seen["ground"], seen["ink"]) > 7, (seen["ground"], seen["ink"])
assert len(seen["boxes"]) >= 2 and seen["marks"]
for b in seen["boxes"]:
    assert b["name"] and b["role"] == "region" and b["keys"] == 0, b
    if paper:
        assert b["inside"] <= b["width"] and b["hint"] == "none" and b["size"] >= 9, b
    elif b["inside"] > b["width"]:
        assert b["scrolls"] and b["moved"] > 0 and b["hint"].count("gradient") == 4, b
        for s in b["stays"]: # scrolled to the end
            assert s["left"] >= 0 and s["right"] <= seen["width"], (b["name"], s)
assert width > 400 or any(b["inside"] > b["width"] for b in seen["boxes"])
assert not paper or all(m["adjust"] == "exact" for m in seen["marks"]), seen["marks"]
for p in seen["pictures"]:
    assert p["width"] > 0.8 * min(width / (1 + paper), 560) - 32 and p["height"] > 0.3 * p["width"], p["id"]
    assert p["left"] >= 0 and p["right"] <= seen["width"] and not p["dangling"], p
    for t in (t for t in p["texts"] if t["text"]):
        l, top, r, bottom = t["box"]
        assert l >= -1 and top >= -1 and r <= p["width"] + 1 and bottom <= p["height"] + 1, (p["id"], t)
        assert t["size"] >= 8, (p["id"], t)
        assert t["text"].endswith("%") or contrast(t["fill"], seen["ground"]) > 4.5, (p["id"], t)
    upright = [t for t in p["texts"] if t["upright"] and t["text"]]
    for i, a in enumerate(upright):
        for b in upright[:i]:
            x = min(a["box"][2], b["box"][2]) - max(a["box"][0], b["box"][0])
            y = min(a["box"][3], b["box"][3]) - max(a["box"][1], b["box"][1])
            assert x <= 1 or y <= 0.25 * a["size"], (p["id"], a["text"], b["text"], x, y)
END
}

browser=yes
look all/report.html 1280 >seen.json || browser=
if [ -z "$browser" ] || ! command -v gnuplot >/dev/null; then
  echo "skipped: Chromium or gnuplot is not there: the page was read, not looked at"
else
  judge 1280 all
  look all/report.html 400 >seen.json
  judge 400 all
  look all/report.html 400 dark >seen.json
  judge 400 all dark
  look all/report.html 718 print >seen.json # A4 without its margins
  judge 718 all print
  echo "1280 and 400 pixels wide, light, dark and on paper: pictures, no overflow, no overlap"
fi

# -- texts that try to break out
alone report hostile
expect_exit 0
look hostile/report.html >seen.json
/usr/bin/python3 - <<'END'
import csv, glob, json, xml.etree.ElementTree as tree
seen = json.load(open("seen.json"))
assert "script" not in seen["tags"]
evil = "</svg><script>alert('x')</script>&\"`'$(id)\\ \u00e9"
assert seen["text"].count(evil) > 10, seen["text"].count(evil)
for path in glob.glob("hostile/*.svg"):
    words = "".join("".join(t.itertext()) for t in tree.parse(path).iter())
    assert "uid=" not in words, path
assert any("<script>" in "".join(tree.parse(p).getroot().itertext()) for p in glob.glob("hostile/*.svg")) \
    or not glob.glob("hostile/*.svg")
lines = [json.loads(l) for l in open("hostile/points.jsonl")]
assert all(evil in l["sizes"] for l in lines)
rows = list(csv.DictReader(open("hostile/points.csv", newline=""), strict=True))
assert [r["sizes"] for r in rows] == [l["sizes"] for l in lines]
END
if [ -n "$browser" ]; then
  look hostile/report.html 400 >seen.json
  judge 400 hostile
  look hostile/report.html 718 print >seen.json
  judge 718 hostile print
fi
echo "hostile texts are shown as what they are"

# -- two studies
alone report all other -o both
expect_exit 0
look both/report.html >seen.json
/usr/bin/python3 - <<'END'
import csv, json, re
text = json.load(open("seen.json"))["text"]
assert "Side by side" in text and "other: 1 thread" in text and "all: 1 thread" in text
assert len(list(csv.DictReader(open("both/points.csv", newline="")))) == 33 + 15
page = open("both/report.html").read()
table = page[page.index("Side by side"):].split("</table>")[0]
cells = [re.findall(r"<td>([^<]*)(?:<small>([^<]*))?", row) for row in table.split("<tr>")[1:]]
ratios = [c[3] for c in cells if len(c) > 3 and any(c[3])]
assert len(ratios) == 14 and ratios.count(("", "oversubscribed")) == 2, ratios
numbers = [float(r[0]) for r in ratios if r[0]]
assert len(numbers) == 12 and all(1.2 < r < 1.4 for r in numbers), numbers
END
# what `compare` refuses is not compared here either
alone report all answers -o unlike
expect_exit 0
/usr/bin/python3 - <<'END'
import re
page = open("unlike/report.html").read()
table = page[page.index("Side by side"):].split("</table>")[0]
rows = [re.sub("<[^>]*>", " ", row) for row in table.split("<tr>")[1:]]
strong = [r for r in rows if " strong " in r]
assert sum("another answer" in r for r in strong) == 8, strong  # 2 more: failed, oversubscribed
assert not any("another answer" in r for r in rows if " weak " in r)
assert table.count("answers: fingerprint 00000000ec76f9a5 and 00000000ec76fd8d") >= 8
END
echo "two studies side by side"

# -- for Extra-P
alone report two --extrap two.txt
expect_exit 0
[ "$(head -n 2 two.txt | tr '\n' ' ')" = "PARAMETER p POINTS 1 2 " ] || fail "$(cat two.txt)"
[ "$(grep -c '^DATA\( [0-9.e-]*\)\{7\}$' two.txt)" = 2 ] || fail "$(cat two.txt)"
alone report hostile --extrap hostile.txt
grep -q "^POINTS 1 2 3 4 8$" hostile.txt || fail "measured points alone: $(cat hostile.txt)"
alone report all --extrap all.txt
expect_exit 0
grep -q "are excluded" err || fail "want a word on the series left out: $(show_run)"
/usr/bin/python3 - <<'END'
import json
lines = open("all.txt").read().split("\n")
assert lines[0] == "PARAMETER p" and lines[1].startswith("POINTS "), lines[:2]
places = [float(x) for x in lines[1].split()[1:]]
data = [[float(x) for x in l.split()[1:]] for l in lines if l.startswith("DATA")]
points = [json.loads(l) for l in open("all/points.jsonl")]
exported = [p for p in points if p["series"] == 0 and p["valid"] and p["origin"] == "measured"]
assert places == [p["cores"] for p in exported] == [1, 2, 3, 4, 8], places  # the longest over cores
assert len(data) == 5
assert all(d == p["each_seconds"] for d, p in zip(data, exported))
assert [l.split()[0] for l in lines if l and not l.startswith("DATA")] == ["PARAMETER", "POINTS", "REGION", "METRIC"]
END
echo "Extra-P's text"

# -- bad input
alone report
refused 2 "usage: report DIR"
alone report nowhere
refused 2 "nowhere"
alone report all other --extrap x.txt
refused 2 "--extrap x.txt"
alone report all -o nowhere/deep
refused 3 "nowhere/deep"
alone report all --extrap nowhere/x.txt
refused 3 "nowhere/x.txt"
alone report all --outptu here
refused 2 "output"
mkdir empty
alone report empty
[ "$status" = 2 ] || [ "$status" = 3 ] || fail "$(show_run)"
alone report empty
expect_line "empty"
alone help report
expect_exit 0
expect_out "--extrap"
for left in all/*.part x.txt nowhere; do
  [ ! -e "$left" ] || fail "$left was left behind"
done
echo "bad input gets one line"

# -- without gnuplot, and with one that fails: the tables are there
mkdir tools bare
printf '#!/bin/sh\necho "line 3: it is not my day" >&2\nexit 1\n' >tools/gnuplot
chmod +x tools/gnuplot
for tool in timeout cat grep; do ln -s "$(command -v $tool)" bare; done
before=$PATH
PATH=$scratch/tools:$PATH
alone report all -o failed
expect_exit 0
grep -q "speedup-strong is omitted: gnuplot: line 3: it is not my day" err || fail "$(show_run)"
# shellcheck disable=SC2123 # nothing else is to be found
PATH=$scratch/bare
alone report all -o absent
PATH=$before
expect_exit 0
expect_line "gnuplot is not in PATH"
for page in failed absent; do
  look $page/report.html >seen.json
  /usr/bin/python3 -c '
import json
seen = json.load(open("seen.json"))
assert "svg" not in seen["tags"] and seen["tags"]["table"] >= 8, seen["tags"]
assert "Not drawn: gnuplot" in seen["text"]'
done
echo "without gnuplot the page has its tables"
