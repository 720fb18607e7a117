#!/bin/sh
# TEST timeout=300 cost=60 slow once
# compare: commands in turns, two studies, the gate; what is refused. Times that must
# come out come from a program that says them, not from a clock.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
cd "$scratch"
mkdir tmp
TMPDIR=$scratch/tmp
export TMPDIR

# A program that runs like ours: fake run heat SECONDS FINGERPRINT [RTOL SKETCH]
# --result FILE. Each launch is 1 % slower than the one before; 10 steps.
cat >fake <<'END'
#!/bin/sh
seconds=$3 print=$4 rtol=0 sketch=1
case $5 in --*) ;; *) rtol=$5 sketch=$6 ;; esac
while [ "$1" != --result ]; do shift; done
n=$(cat count 2>/dev/null || echo 0)
echo $((n + 1)) >count
awk -v s="$seconds" -v n="$n" -v p="$print" -v r="$rtol" -v k="$sketch" 'BEGIN {
  printf "{\"kernel\":\"heat\",\"steps\":10,\"first_step\":0,\"ranks\":1,\"threads\":1,"
  printf "\"rtol\":%s,\"fingerprint\":\"%s\",\"sketch\":[%s,2],\"verified\":true,", r, p, k
  printf "\"doctor\":[],\"seconds\":{\"advance\":%.9f}}\n", s * exp(0.01 * n) }' >>"$2"
END
chmod +x fake

compare() { alone compare "$@"; }

# -- equal, slower, faster: the sentence, the gate, the line
compare './fake run heat 1 aa' './fake run heat 1 aa' --repeat 12 --gate 3% --quiet \
  --seed 3 -o c.jsonl
expect_exit 0
expect_out "time per step of heat, 1 rank x 1 thread, 12 pairs of interleaved launches"
expect_out "passed: "
[ ! -s err ] || fail "--quiet is not: $(cat err)"
rm count
compare './fake run heat 1 aa' './fake run heat 1.2 aa' --repeat 12 --gate 3% -o c.jsonl
expect_exit 1
expect_out "B is "
expect_out "% slower than A (9"
expect_out "1 of 2,048"
expect_out "failed: B is slower than A by more than 3 %"
compare './fake run heat 1.2 aa' './fake run heat 1 aa' --gate 3% --target 5% --seed 7 -o c.jsonl
expect_exit 0
expect_out "faster than A"
expect_out "9 pairs"
expect_out "passed: B is not slower by more than 3 %, with 95 % confidence."
tr -s ' \n' ' ' <out >flat
grep -q "probabilities and intervals are corrected for repeated checks" flat ||
  fail "no word of the looks: $(cat out)"
grep -q "faster than A (95 %: " flat || fail "no interval: $(cat out)"
/usr/bin/python3 - <<'END'
import json, math
equal, slow, fast = (json.loads(line) for line in open("c.jsonl"))
for r in (equal, slow, fast):
    assert r["schema"] == "trireme.compare/1" and r["what"] == "seconds a step", r
    assert r["fingerprint"] == "aa" and {p["first"] for p in r["pairs"]} == {"a", "b"}
    ratios = sorted(p["b"] / p["a"] for p in r["pairs"])
    middle = (ratios[(len(ratios) - 1) // 2] + ratios[len(ratios) // 2]) / 2
    assert abs(r["ratio"]["mid"] / middle - 1) < 1e-12, (r["ratio"], middle)
    slack = 1e-12
    assert ratios[0] <= r["ratio"]["low"] + slack and r["ratio"]["high"] <= ratios[-1] + slack
    assert r["ratio"]["low"] <= r["ratio"]["mid"] <= r["ratio"]["high"]
# the second launch of each pair is 1 % slower for its place
for p in equal["pairs"]:
    want = math.exp(0.01 if p["first"] == "a" else -0.01)
    assert abs(p["b"] / p["a"] / want - 1) < 1e-6, p
# 2 launches that do not count, then 24 in turns: each has its place
both = sorted(10 * t for p in equal["pairs"] for t in (p["a"], p["b"]))
for k, t in enumerate(both):
    assert abs(t / math.exp(0.01 * (k + 2)) - 1) < 1e-6, (k, t)
assert (equal["gate"]["alarm"], equal["gate"]["limit"]) == (False, 0.03), equal["gate"]
assert slow["gate"]["alarm"] and abs(slow["probability"] - 2 / 4096) < 1e-12
assert abs(slow["gate"]["probability"] - 1 / 4096) < 1e-12
assert fast["gate"]["cleared"] and fast["seed"] == 7 and fast["part"] == 0.125
# after the first look only the extremes are far enough apart
ratios = sorted(p["b"] / p["a"] for p in fast["pairs"])
assert abs(fast["ratio"]["low"] / ratios[0] - 1) < 1e-12, (fast["ratio"], ratios)
assert abs(fast["ratio"]["high"] / ratios[-1] - 1) < 1e-12 and fast["ratio"]["level"] == 0.95
END

# -- answers: bits, or a sketch within rtol; also of one command from launch to launch
compare './fake run heat 1 aa' './fake run heat 1 ab' --gate 3%
refused 1 "A and B do not give the same answer: fingerprint aa and ab"
compare './fake run heat 1 aa 1e-6 1.000001' './fake run heat 1 ab 1e-6 1' --repeat 5
expect_exit 0
compare './fake run heat 1 aa 1e-6 1.00001' './fake run heat 1 ab 1e-6 1' --repeat 5
refused 1 "sketches that differ by 5e-06, with an rtol of 1e-06"
cat >restless <<'END'
#!/bin/sh
shift 2
exec ./fake run heat 1 "a$(cat count)" "$@"
END
chmod +x restless
compare './fake run heat 1 a0' './restless run heat'
refused 1 "do not give the same answer"
compare './restless run heat' './restless run heat'
refused 1 "the same answer: fingerprint a"

# -- real launches: alone, through a launcher, with mpirun in the command
heat="run heat --n 24 --steps 6 --quiet"
compare "$heat" "$heat" --repeat 5 --gate 5000%
expect_exit 0
compare "$heat --stores plain" "$heat --stores stream" --ranks 3 --repeat 2 -o r.jsonl
expect_exit 0
expect_out "3 ranks x 1 thread, 2 pairs"
compare "mpirun -n {ranks} '$TRIREME' $heat" "'$TRIREME' $heat" --repeat 1
expect_exit 0
compare "$heat" "$heat --nx 25" --launcher "env A=1 {command}"
refused 1 "do not give the same answer"
compare "$heat" "$heat --steps-wrong 3"
refused 2 "B failed with exit status 2: trireme: --steps-wrong: no such option"
compare "run heet" "run heat"
refused 2 "did you mean heat"
compare "run heat --n 24 --steps 2" "run triad --n 24 --steps 2"
refused 2 "do not give the same answer: kernel heat and triad"
compare 'sleep 0' "sh -c 'exit 2'" # of others it says nothing
refused 3 "B failed with exit status 2"
compare "run nbody --n 64 --steps 2 --variant plain" \
  "run nbody --n 64 --steps 2 --variant auto" --repeat 1
expect_exit 0 # the option says within what its choices agree

# -- whole commands, by the clock: twenty times slower is slower
compare 'sleep 0.02' 'sleep 0.4' --repeat 5 --gate 50%
expect_exit 1
expect_out "wall time, 5 pairs"
expect_out "times as long as A"
compare "$heat" "run heat --n 24 --steps 7" --wall --repeat 1
expect_exit 0
compare "sh -c 'exit 7'" 'sleep 0'
refused 3 "A failed with exit status 7: it printed nothing"
compare 'sleep 0' "sh -c 'echo first; echo no room >&2; exit 1'"
refused 3 "B failed with exit status 1: no room"
compare 'sleep 0' "sh -c 'kill -9 \$\$'"
refused 3 "B was ended by signal 9"
compare 'sleep 0' ./missing
refused 3 "B does not start: ./missing: No such file"
compare 'sleep 0.3' 'sleep 0.3' --budget 2s --gate 3%
refused 3 "the gate needs 5 or more at --confidence 0.95"
if grep "passed" out; then fail "a gate that cannot tell passed"; fi
compare 'sleep 0.3' 'sleep 0.3' --budget 2s
expect_exit 0

# -- interrupted: nothing is left, no result is written
for signal in TERM INT; do
  /usr/bin/python3 -c '
import signal, subprocess, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell leaves it ignored
sys.exit(subprocess.call(sys.argv[1:], preexec_fn=lambda: open("pid", "w").write(
    str(__import__("os").getpid()))))' \
    "$TRIREME" compare 'sleep 0' 'sleep 77' -o i.jsonl 2>err >out &
  pid=$!
  wait_for "tmp/trireme-compare.*/log"
  sleep 1
  kill -"$signal" "$(cat pid)"
  status=0
  wait $pid || status=$?
  said="compare of sleeps, $signal"
  refused 75 "interrupted after 0 pairs"
  [ ! -e i.jsonl ] || fail "a result was written"
done

# -- what is refused: one line each, before anything is launched
rm -f count
a='./fake run heat 1 aa'
compare
refused 2 "compare A B [options], each a command in quotes"
compare "$a"
refused 2 "usage: compare A B"
compare "$a" --gate 3%
refused 2 "usage: compare A B"
compare "$a" "$a" "$a"
refused 2 "not an option; write options as --name value"
compare "$a" "$a" --gte 3%
refused 2 "did you mean --gate"
compare "$a" "$a" --gate 3
refused 2 "--gate 3: expected a share such as 3%"
compare "$a" "$a" --gate=-3%
refused 2 "--gate -3%: expected a share"
compare "$a" "$a" --target wide
refused 2 "--target wide: expected a share such as 1%"
compare "$a" "$a" --repeat often
refused 2 "--repeat often: expected auto, or a number of pairs from 1 to"
compare "$a" "$a" --repeat 4 --gate 3%
refused 2 "so few pairs cannot fail the gate at --confidence 0.95; use 5 or more"
compare "$a" "$a" --confidence 1
refused 2 "--confidence"
compare "$a" "$a" --budget 2
refused 2 "--budget 2: not a time (expected 30s, 2m"
compare "$a" "./fake 'run heat"
refused 2 "B: unmatched quote '"
compare "$a" "$a" --launcher 'mpirun -n {rank} {command}'
refused 2 "{rank}"
compare "$a" "" --gate 3%
refused 2 "B is empty"
compare "$a --result x" "$a"
refused 2 "A has its own --result"
compare "$a" . --gate 3%
refused 2 ". is a directory and $a is not"
compare . .
refused 2 "./study.json: No such file"
compare "$a" "$a" -o missing/c.jsonl
refused 3 "--result missing/c.jsonl: No such file"
[ ! -e count ] || fail "something was launched"

# -- two studies
cat >studies.py <<'END'
import json, os
def study(name, factor, only=3, print_of=lambda c: "aa", words=(), origin="measured",
          launches=5, kernel="heat"):
    os.mkdir(name)
    configs = [{"mode": "strong", "series": 0, "problem": 0, "ranks": 1 + c, "threads": 1,
                "words": ["--n=64", *words], "label": "n=64", "note": None}
               for c in range(only)]
    json.dump({"schema": "trireme.study/1", "kernel": kernel, "launcher": "", "host": "h",
               "began": "2026-01-02T03:04:05Z", "seed": 1, "target": 0.02, "budget": 0,
               "repeat": 5, "configs": configs, "machine": None},
              open(name + "/study.json", "w"))
    with open(name + "/launches.jsonl", "w") as file:
        for k in range(launches):
            for c in range(only):
                seconds = (1 + (7 * k + 3 * c) % 5 / 1000) / (1 + c) * factor(c)
                result = {"kernel": "heat", "steps": 10, "first_step": 0, "ranks": 1 + c,
                          "threads": 1, "origin": origin, "doctor": [], "rtol": 0,
                          "verified": True, "fingerprint": print_of(c), "sketch": [1],
                          "seconds": {"advance": 10 * seconds},
                          "work": {"updates": 1000}, "options": {"n": 64}}
                json.dump({"config": c, "repeat": k, "status": 0, "wall": 1, "load": 0,
                           "steal": 0, "began": "", "last": None, "result": result}, file)
                file.write("\n")
study("base", lambda c: 1)
study("same", lambda c: 1.001, words=("--stores=plain",))
study("slow", lambda c: (1.02, 1.05, 1.2)[c])
study("less", lambda c: 1, only=2)
study("other", lambda c: 1, print_of=lambda c: "bb")
study("rough", lambda c: 1.03)
study("once", lambda c: 1, only=1, launches=2)
study("nbody", lambda c: 1, kernel="nbody")
study("over", lambda c: 1, origin="oversubscribed")
END
/usr/bin/python3 studies.py
compare base same --gate 3% --seed 1
expect_exit 0
expect_out "heat, time per step at 3 points that both studies have"
expect_out "passed: B is not slower"
expect_out "were not interleaved"
compare base slow --gate 3% --seed 1 -o s.jsonl
expect_exit 1
expect_out "failed: B is slower than A by more than 3 %"
expect_out "strong 3 x 1, n=64: B takes 1.200 times as long as A"
/usr/bin/python3 - <<'END'
import json
r = json.loads(open("s.jsonl").read())
assert abs(r["ratio"]["mid"] - (1.02 * 1.05 * 1.2) ** (1 / 3)) < 0.002, r["ratio"]
assert r["ratio"]["low"] <= r["ratio"]["mid"] <= r["ratio"]["high"]
assert [p["ranks"] for p in r["points"]] == [1, 2, 3]
for p, want in zip(r["points"], (1.02, 1.05, 1.2)):
    assert abs(p["ratio"] - want) < 1e-9 and p["low"] <= want <= p["high"], p
    assert abs(p["probability"] - 2 / 252) < 1e-9, p
assert r["gate"]["alarm"] and r["kernel"] == "heat"
END
# nothing is drawn: the same files, the same answer
for k in 1 2; do
  compare base rough --gate 2.9% -o again.jsonl
  cp out "out.$k"
done
cmp -s out.1 out.2 || fail "the same studies, another answer: $(diff out.1 out.2)"
/usr/bin/python3 - <<'END'
import json
one, two = (json.loads(line) for line in open("again.jsonl"))
assert one["seed"] == two["seed"] == 1 and one["gate"] == two["gate"] and one["ratio"] == two["ratio"]
END
compare base less
expect_exit 0
expect_out "excluded: 1 configuration of one study only"
if grep "0 configurations" out; then fail "nothing is said to be left out"; fi
compare base rough --gate 3% --seed 1
expect_exit 0
expect_out "undecided: B is neither shown to be slower by more than 3 %"
compare once once --gate 3%
refused 3 "the gate needs more launches"
expect_out "undecided: too few launches to tell"
expect_out "B takes as long as A"
compare once once
expect_exit 0
compare base nbody
refused 2 "the studies are of different kernels, heat and nbody"
compare base other
refused 1 "do not give the same answer at 1 x 1, n=64: fingerprint aa and bb"
compare base over
refused 2 "base and over have no valid, measured point in common"
compare base same --ranks 2
refused 2 "--ranks applies to commands; these are two studies"
compare base same --repeat 7
refused 2 "--repeat applies to commands"

left=$(ls tmp)
[ -z "$left" ] || fail "left behind: $left"
alone help compare
expect_out "--confidence"
if grep "BCa" out; then fail "the interval is of percentiles"; fi
echo "compared"
