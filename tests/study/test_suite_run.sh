#!/bin/sh
# TEST timeout=300 cost=40 slow once
# run.sh with a made-up suite: a driver that only says what it was asked and writes made-up
# points shows which studies are made, what misses its target, and that results are
# appended once; then real studies of three small problems, interrupted and gone on with.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
export TRIREME_SUITE="$scratch/suite.conf" TRIREME_RESULTS="$scratch/results"
export TRIREME_HOST=here TRIREME_MACHINES="$scratch/machines" TRIREME_CORES=2
real=$TRIREME_BUILD

run_suite() {
  said="run.sh $*"
  status=0
  sh "$TRIREME_SOURCE/benchmarks/run.sh" "$@" >"$scratch/out" 2>"$scratch/err" ||
    status=$?
}

# -- a driver that is told what came of it --------------------------------------
mkdir "$scratch/build"
export TRIREME_BUILD="$scratch/build" SAID="$scratch/said" POINTS="$scratch/points"
export MEASURED="$scratch/measured" BOUND="$scratch/bound"
cat >"$scratch/build/trireme" <<'END'
#!/bin/sh
words=$*
while [ $# -gt 1 ]; do
  case $1 in -o | --result) to=$2 ;; esac
  shift
done
case $words in
version) echo "  commit    abc123" ;;
run*)
  file=null
  [ ! -e "$MEASURED" ] || file='"x"'
  echo '{"machine":{"class":"some-class","file":'"$file"'},"build":{}}' >"$to"
  ;;
machine*) echo "$words" >"$MEASURED" ;;
study*)
  echo "$words" >>"$SAID"
  env | grep -e OMP_PROC_BIND -e yield_when_idle >>"$BOUND" || true
  mkdir -p "$to"
  echo one >"$to/launches.jsonl"
  touch "$to/study.json"
  cat "$POINTS" >"$to/points.jsonl"
  ;;
report*) echo "$words" >>"$SAID" ;;
esac
END
chmod +x "$scratch/build/trireme"
cat >"$TRIREME_SUITE" <<'END'
class tiny 7 0.05 1s
tiny heat strong 1,2,4 1 0.80 --n 12 --steps 3
tiny triad threads 1 1,2,3 - --n 99 --steps 3
tiny nbody strong 4,8 1 - --n 99 --steps 3
END

# point RANKS VALID SECONDS LOW HIGH EFFICIENCY LOW [ORIGIN [COUNTED LEVEL]]
point() {
  printf '{"study":"/some/where","ranks":%s,"threads":1,"cores":%s,"sizes":"n=12","origin":"%s","valid":%s,"counted":%s,"level":%s,"seconds":%s,"seconds_low":%s,"seconds_high":%s,"efficiency":%s,"efficiency_low":%s,"note":null,"flaw":"said \\"rate\\":9, no","each_seconds":[1,2]}\n' \
    "$1" "$1" "${8:-measured}" "$2" "${9:-7}" "${10:-0.98}" "$3" "$4" "$5" "$6" "$7" >>"$POINTS"
}
point 1 true 2 1.98 2.02 1 1
point 2 true 1.2 1.1 1.4 0.83 0.77
point 3 false null null null null null
point 4 true 9 9 9 0.05 0.05 oversubscribed
point 1 true 2 null null 1 null measured 1 0
point 1 true 2 2 2 1 1 measured 5 0.9375
run_suite tiny "$scratch/a"
expect_exit 1 # a point does not count
cat >"$scratch/want" <<END
study heat --n 12 --steps 3 --mode strong --ranks 1,2 --threads 1 --budget 7s --target 0.05 --settle 1s -o $scratch/a/heat-strong
study triad --n 99 --steps 3 --mode threads --ranks 1 --threads 1,2 --budget 7s --target 0.05 --settle 1s -o $scratch/a/triad-threads
report $scratch/a/heat-strong $scratch/a/triad-threads -o $scratch/a/report
END
cmp "$scratch/want" "$SAID" || fail "$(show_run; cat "$SAID")"
grep -qx "machine --quick --dir none" "$scratch/measured" || fail "no machine file"
[ ! -s "$BOUND" ] || fail "a study binds by itself, not by $(cat "$BOUND")"
expect_out "heat-strong: counts that exceed 2 cores are left out of 1,2,4 x 1"
sed -n '/^missed/,$p' "$scratch/out" | grep -v triad-threads >"$scratch/missed"
cat >"$scratch/want" <<'END'
missed their targets:
  heat-strong, 2 x 1, n=12: known to 12.5 %, wanted 5 %
  heat-strong, 3 x 1, n=12: does not count: said \"rate\":9, no
  heat-strong, 1 x 1, n=12: 1 launches count, too few to know a median by
  heat-strong, 1 x 1, n=12: 5 launches count, too few to know a median by
  heat-strong, 2 x 1, n=12: efficiency 0.83, at least 0.77; goal 0.80
  nbody-strong: left out, it begins with 4,8 ranks x 1 threads on 2 cores
END
cmp "$scratch/want" "$scratch/missed" || fail "$(show_run)"
grep -c goal "$scratch/out" | grep -qx 1 || fail "triad has no goal: $(show_run)"
echo "studies, and what missed its target"

look() { # LINES: of the results, each of them whole
  /usr/bin/python3 - "$TRIREME_RESULTS/here/heat.jsonl" "$1" <<'END' || fail "results"
import json, sys
lines = [json.loads(line) for line in open(sys.argv[1])]
assert len(lines) == int(sys.argv[2]), len(lines)
for line in lines:
    assert line["study"] == "tiny/heat-strong" and line["commit"] == "abc123", line
    assert line["options"] == "--n 12 --steps 3" and line["date"][:2] == "20", line
    assert line["each_seconds"] == [1, 2] and line["flaw"] == 'said "rate":9, no', line
END
}
look 6
before=$(cksum <"$TRIREME_RESULTS/here/heat.jsonl")
run_suite tiny "$scratch/a" # nothing new was launched
[ "$before" = "$(cksum <"$TRIREME_RESULTS/here/heat.jsonl")" ] || fail "appended twice"
run_suite tiny "$scratch/b"
look 12
head -n 6 "$TRIREME_RESULTS/here/heat.jsonl" | cksum | grep -qxF "$before" ||
  fail "what was there has changed"
: >"$POINTS"
point 2 true 2 1.98 2.02 null null
TRIREME_RESULTS=none run_suite tiny "$scratch/c"
expect_out "heat-strong, 2 x 1, n=12: its efficiency is not known; goal 0.80"
: >"$POINTS"
point 1 true 2 1.98 2.02 1 1
TRIREME_RESULTS=none run_suite tiny "$scratch/c"
expect_exit 0
look 12
echo "results are appended, once each"

TRIREME_BUILD=$scratch/nowhere run_suite --list tiny
expect_exit 0
cat >"$scratch/want" <<'END'
7 0.05 1s
heat strong 1,2 1 --n 12 --steps 3
triad threads 1 1,2 --n 99 --steps 3
END
cmp "$scratch/want" "$scratch/out" || fail "$(show_run)"
TRIREME_CORES=9 run_suite --list tiny
grep -qx "nbody strong 4,8 1 --n 99 --steps 3" "$scratch/out" || fail "$(show_run)"
echo "problems are listed"

run_suite huge
expect_exit 2
grep -qF "run.sh: 'huge': want a class, one of tiny" "$scratch/err" || fail "$(show_run)"
TRIREME_CORES=two run_suite tiny
expect_exit 2
echo "bad input is said"

# -- the real one: stopped in its first study, then gone on with ----------------
export TRIREME_BUILD="$real" TRIREME_HOST=there
real_suite() { # SECONDS TARGET REPEAT
  cat >"$TRIREME_SUITE" <<END
class real $1 $2 0s
real heat strong 1,2 1 - --n 16 --steps 4 --repeat $3
real triad weak 1,2 1 - --n 1000 --steps 4 --repeat $3
END
}
mpi 1 machine --seconds 0.5 --dir none --threads 1 # else run.sh takes its time for it
expect_exit 0
real_suite 60 0.000001 auto
said="run.sh real, interrupted"
status=0
setsid sh "$TRIREME_SOURCE/benchmarks/run.sh" real "$scratch/real" \
  >"$scratch/out" 2>"$scratch/err" &
wait_for "$scratch/real/heat-strong/launches.jsonl"
kill -TERM -$!
wait $! || status=$?
expect_exit 75
grep -qF "run.sh: stopped; to go on: sh benchmarks/run.sh real $scratch/real" \
  "$scratch/err" || fail "$(show_run)"
[ ! -e "$TRIREME_RESULTS/there/triad.jsonl" ] || fail "results of what was not run"

real_suite 60 0.99 1
run_suite real "$scratch/real"
expect_exit 0
[ -s "$scratch/real/report/report.html" ] || fail "no report: $(show_run)"
/usr/bin/python3 - "$TRIREME_RESULTS/there/triad.jsonl" <<'END' || fail "$(show_run)"
import json, sys
a, b = [json.loads(line) for line in open(sys.argv[1])]
assert a["valid"] and b["valid"], (a, b)
assert (a["ranks"], b["ranks"], a["study"]) == (1, 2, "real/triad-weak"), (a, b)
assert b["updates"] == 2 * a["updates"] == 2000, (a, b)
END
echo "a suite that was stopped goes on"
