#!/bin/sh
# TEST timeout=600 cost=60 slow once
# A study from its command line to its points: launches that take turns, that fail,
# that are stopped and gone on with.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
cd "$scratch"
export TRIREME_MACHINES="$scratch/machines"

# study WORDS...: of small problems, without waiting for a quiet machine
study() {
  said="trireme study $*"
  status=0
  timeout -k 5 100 "$TRIREME" study "$@" </dev/null >out 2>err || status=$?
}

small() {
  kernel=$1
  shift
  study "$kernel" --n 33 --steps 5 --settle 0s "$@"
}

# launches DIR COUNT
launches() {
  got=$(wc -l <"$1/launches.jsonl")
  [ "$got" = "$2" ] || fail "want $2 launches in $1, got $got: $(show_run)"
}

# each DIR EXPRESSION: true of the launches, ls, and the study
each() {
  /usr/bin/python3 -c '
import json, sys
ls = [json.loads(line) for line in open(sys.argv[1] + "/launches.jsonl")]
study = json.load(open(sys.argv[1] + "/study.json"))
assert eval(sys.argv[2]), [(l["config"], l["status"]) for l in ls]' "$@" ||
    fail "$1: not so: $2: $(show_run)"
}

expect_err() {
  grep -qF -- "$1" err || fail "want \"$1\" on stderr: $(show_run)"
}

test_strong() {
  small heat --ranks 1,2,3 --repeat 2 -o strong
  expect_exit 0
  launches strong 6
  each strong 'sorted(l["config"] for l in ls) == [0, 0, 1, 1, 2, 2]'
  each strong '[l["config"] for l in ls[:3]] == [2, 1, 0]' # the cheapest first
  each strong 'sorted(l["config"] for l in ls[3:]) == [0, 1, 2]' # a round
  each strong '[l["config"] for l in ls[3:]] != [2, 1, 0]' # by lot
  each strong 'all(l["result"]["ranks"] == 1 + l["config"] for l in ls)'
  each strong 'len({l["result"]["fingerprint"] for l in ls}) == 1'
  each strong 'all(l["status"] == 0 and 0 <= l["load"] <= 1 for l in ls)'
  each strong 'all(l["waited"] > 0.19 and not l["late"] for l in ls)'
  expect_out "heat: strong, 1 thread, n=33"
  expect_out "no law fitted: "
  expect_out "exponent over cores: -1 expected by the work model"
  expect_out " % (50 %)" # of two launches there is no more
  expect_out "report: strong/report.html"
  [ -s strong/report.html ] || fail "no report: $(show_run)"
  [ "$(grep -c '^\[[1-6]/6\] heat strong ' err)" = 6 ] || fail "progress: $(show_run)"
  if [ "$(nproc)" -lt 3 ]; then expect_out oversubscribed; fi
}

# The same command finds nothing left to do; another plan is refused.
test_again() {
  small heat --ranks 1,2,3 --repeat 2 -o strong
  expect_exit 0
  launches strong 6
  small heat --ranks 1,2,3 --repeat 3 --quiet -o strong
  expect_exit 0
  launches strong 9
  [ ! -s err ] || fail "--quiet: $(show_run)"
  small heat --ranks 1,2 --repeat 2 -o strong
  refused 2 "strong: contains another study (3 points there, 2 here)"
  study heat --n 33 --steps 6 --ranks 1,2,3 -o strong
  refused 2 "contains another study (--steps 5 there, 6 here)"
  study triad --n 33 -o strong
  refused 2 "contains another study (kernel heat there, triad here)"
  launches strong 9
}

test_modes() {
  small heat --mode weak,threads --ranks 1,2 --threads 1,2 --repeat 1 -o modes
  expect_exit 0
  launches modes 6
  each modes '[c["label"] for c in study["configs"]] == ["n=33", "n=33 nz=66",
    "n=33 nz=66", "n=33 nz=132", "n=33", "n=33"]'
  each modes 'all(l["result"]["threads"] == study["configs"][l["config"]]["threads"]
    and l["result"]["options"]["n"] == int(study["configs"][l["config"]]["words"][0][4:])
    for l in ls)'
  ! grep -q "differ in shape" out || fail "shares are of one shape: $(show_run)"
  study nbody --n 1000 --steps 2 --mode weak --ranks 1,2 --repeat 1 --settle 0s -o pairs
  expect_exit 0
  expect_out "n=1414: blocks of 2 cores differ in shape"
  study triad --mode memory --size n=1000,30000 --ranks 2 --repeat 1 --settle 0s \
    -o memory
  expect_exit 0
  launches memory 2
  grep -q "rate  *per rank  *launches" out || fail "no rate: $(show_run)"
  grep -q "n=30000 .*/s  *[0-9.]* KiB  *1$" out || fail "no rate: $(show_run)"
  small heat --ranks 1 --repeat 1 -o own -- --mode 2
  expect_exit 0
  each own 'ls[0]["result"]["options"]["mode"] == 2'
}

# planned KERNEL WORDS... -o DIR: a study of which nothing is run
planned() {
  study "$@" --repeat 1 --settle 0s --launcher false
  expect_exit 1
}

# What thousands of ranks will do is known at once; and nothing is planned that takes days.
test_plans() {
  began=$(date +%s)
  planned heat --n 16 --mode strong,weak --ranks 1,64,4096 -o large
  took=$(($(date +%s) - began))
  [ $took -lt 30 ] || fail "$took s for a plan: $(show_run)"
  each large '[c["label"] for c in study["configs"]] == ["n=16", "n=16", "n=16",
    "n=16", "n=64", "n=256"]'
  each large 'not any(c["note"] for c in study["configs"])'
  each large '[c["expected"] for c in study["configs"][3:]] == [0, 0, 0]'
  planned nbody --mode memory --ranks 1 -o bodies
  each bodies 'len(study["configs"]) == 8 and all(c["work"] < 20.1 * 100 * 16384**2
    and int(c["words"][0][4:]) > 10000 for c in study["configs"])'
  each bodies '[bool(c["note"]) for c in study["configs"]] == [False] * 7 + [True]'
}

# Stopped by a signal, here in its fourth launch, a study is whole, nothing runs on,
# and it goes on.
test_stopped() {
  cat >held <<'END'
echo call >>calls
[ "$(wc -l <calls)" != 4 ] || { echo here >running; sleep 60; }
exec "$@"
END
  "$TRIREME" study heat --n 33 --steps 5 --settle 0s --ranks 1,2 --repeat 4 \
    --launcher "sh held mpirun -n {ranks}" -o stopped </dev/null >out 2>err &
  pid=$!
  wait_for running
  kill "-$1" $pid
  said="trireme study, killed"
  status=0
  wait $pid || status=$?
  expect_exit 75
  expect_line "stopped after 3 launches; resume with: $TRIREME study -o stopped"
  launches stopped 3
  [ ! -e stopped/launch.jsonl ] || fail "a launch was left: $(show_run)"
  ! pgrep -f "result=$scratch/stopped" >/dev/null || fail "a launch runs on"
  study -o stopped --settle 0s
  expect_exit 0
  expect_err "stopped: resumed after 3 launches"
  launches stopped 8
  each stopped '[l["config"] for l in ls].count(0) == 4'
  each stopped 'all(l["status"] == 0 for l in ls)'
  rm -r stopped calls running
}

test_failing() {
  small heat --ranks 1,2 --repeat 3 --launcher false -o false
  refused 1 "false: no launch is valid"
  launches false 4 # two of each
  expect_out "failed"
  expect_out "1 rank x 1 thread: exit status 1"
  small heat --ranks 1 --repeat 1 --launcher "/no/such/mpirun {command}" -o none
  refused 1 "none: no launch is valid"
  expect_out "it did not start: /no/such/mpirun"
  cat >launcher <<'END'
[ "$1" = 1 ] || { echo "node $1 is down" >&2; exit 3; }
shift
exec "$@"
END
  small heat --ranks 1,2 --repeat 3 --launcher "sh launcher {ranks} {command}" \
    -o node
  expect_exit 0
  launches node 5
  expect_out "2 ranks x 1 thread: exit status 3: node 2 is down"
  expect_err "failed: node 2 is down"
}

# The first point that counts takes the place of one that failed.
test_base() {
  cat >launcher <<'END'
[ "$1" = 2 ] || { echo "no room" >&2; exit 3; }
shift
exec mpirun --oversubscribe --bind-to none -n 2 "$@"
END
  small heat --ranks 1,2 --repeat 1 --launcher "sh launcher {ranks} {command}" -o base
  expect_exit 0
  expect_out "speed-ups are relative to 2 ranks x 1 thread, the first valid point"
  grep -q "^ *2 .* 1.00  *100 %" out || fail "no speed-up: $(show_run)"
}

# A launcher that ends with 124 by itself, as timeout does, was not late.
test_124() {
  small heat --ranks 1 --repeat 2 --launcher "sh -c 'exit 124'" -o never
  refused 1 "never: no launch is valid"
  launches never 2
  expect_out "exit status 124"
  cat >second <<'END'
echo call >>calls
[ "$(wc -l <calls)" != 2 ] || exit 124
exec mpirun -n 1 "$@"
END
  small heat --ranks 1 --repeat 3 --launcher "sh second {command}" -o second.d
  expect_exit 0
  launches second.d 4
  expect_out "1 of 4 launches: exit status 124"
  rm calls
}

# What others use is looked at before each launch, which is in the time left. Launches
# that take the same time are enough at the first look.
test_left() {
  cat >canned <<'END'
for word; do case $word in --result=*) file=${word#*=} ;; esac done
[ -e result ] || { mpirun -n 1 "$@" && cp "$file" result; exit; }
cp result "$file"
END
  small heat --ranks 1 --repeat 11 --launcher "sh canned {command}" -o left
  expect_exit 0
  /usr/bin/python3 -c '
import re
line = [l for l in open("err") if l.startswith("[ 6/11]")][0]
value, unit = re.search(r"([\d.]+) (m?s) left$", line).groups()
left = float(value) * {"s": 1, "ms": 0.001}[unit]
assert 1 <= left <= 10, line' || fail "time left: $(show_run)"
  small heat --ranks 1 --launcher "sh canned {command}" -o looks
  expect_exit 0
  launches looks 8
}

# The memory that is free is never the same.
test_memory() {
  mkdir -p room/proc
  export TRM_SYSTEM_ROOT="$scratch/room"
  for free in 20000 20600 30000; do
    echo "MemAvailable: $free kB" >room/proc/meminfo
    study triad --mode memory --ranks 1 --repeat 1 --settle 0s --steps 3 \
      --launcher "env -u TRM_SYSTEM_ROOT mpirun -n {ranks}" -o sizes
    expect_exit 0
  done
  unset TRM_SYSTEM_ROOT
  expect_err "sizes: resumed after"
  each sizes 'study["memory"] == 20000 * 1024 and len(ls) == len(study["configs"]) > 3'
}

# What a later call gives anew stays so; what it does not give is as before.
test_anew() {
  study heat --n 33 --steps 100000000 --settle 0s --ranks 1 --timeout 1s --budget 1s \
    --repeat 1 -o anew
  refused 1 "anew: no launch is valid"
  each anew 'len(ls) == 1 and study["timeout"] == 1 and study["settle"] == 0'
  study -o anew --budget 60s --target 5% --settle 1s
  refused 1 "anew: no launch is valid"
  each anew 'len(ls) == 2 and ls[1]["late"] and ls[1]["wall"] < 20'
  each anew '(study["budget"], study["target"], study["settle"]) == (60, 0.05, 1)'
  study -o anew --cores 1 --repeat 2
  each anew '(study["budget"], study["cores"], study["repeat"]) == (60, 1, 2)'
  study heat --n 33 --steps 100000000 --ranks 1 --seed 2 -o anew
  refused 2 "anew: contains another study (--seed 1 there, 2 here)"
}

# Launches of another build would not count: none is made.
test_build() {
  small heat --ranks 1 --repeat 1 -o built
  expect_exit 0
  sed -i 's/"commit":.*/"commit": "other",/' built/study.json
  small heat --ranks 1 --repeat 2 -o built
  refused 2 "built: its launches are of another build (commit other there, "
  # of a study from before builds were stated the first result tells
  /usr/bin/python3 -c '
import json
study = json.load(open("built/study.json"))
del study["build"]
json.dump(study, open("built/study.json", "w"))'
  sed -i 's/"flags":"[^"]*/"flags":"-O0/' built/launches.jsonl
  study -o built --repeat 2
  refused 2 "built: its launches are of another build (flags -O0 there, "
  launches built 1
  rm built/launches.jsonl
  study -o built --repeat 2
  expect_exit 0
  each built 'study["build"] == {k: ls[0]["result"]["build"][k]
    for k in ("commit", "compiler", "flags")}'
}

# One that ignores {ranks} is noticed.
test_heedless() {
  small heat --ranks 1,2 --repeat 1 --launcher "mpirun -n 1 {command}" -o heedless
  expect_exit 0
  expect_out "excluded"
  expect_out "it ran on 1 rank x 1 thread, not on 2 ranks x 1 thread"
}

# Where there are more hosts than this one, points have as many cores as they have.
test_cores() {
  small heat --mode threads --cores 3 --repeat 1 -o cores --launcher \
    "mpirun --oversubscribe --bind-to none -n {ranks} {command}"
  expect_exit 0
  each cores '[c["threads"] for c in study["configs"]] == [1, 2, 3]'
  each cores 'study["cores"] == 3'
}

# One result that is another, or wrong, fails the study, though others count.
test_unlike() {
  cat >liar <<'END'
ranks=$1 lie=$2
shift 2
for word; do case $word in --result=*) file=${word#*=} ;; esac done
mpirun --oversubscribe --bind-to none -n "$ranks" "$@" || exit
[ "$ranks" = 1 ] || sed -i "$lie" "$file"
END
  small heat --ranks 1,2 --repeat 2 -o tied --launcher \
    "sh liar {ranks} 's/\"fingerprint\":\"[^\"]*/\"fingerprint\":\"bad/' {command}"
  refused 1 "tied: no launch is valid"
  tr -s ' \n' ' ' <out >flat
  grep -q "answers differ: [0-9a-f]* on [12] ranks* x 1 thread, [0-9a-f]* on" flat ||
    fail "no word of both answers: $(show_run)"
  small heat --ranks 1,2 --repeat 1 -o lied --launcher \
    "sh liar {ranks} 's/\"verified\":true/\"verified\":false/' {command}"
  refused 1 "lied: 2 launches gave a wrong result, or an answer that differs"
  /usr/bin/python3 -c '
import csv, json
rows = [json.loads(line) for line in open("lied/points.jsonl")]
assert rows[0]["valid"] and rows[0]["origin"] in ("measured", "oversubscribed"), rows
assert not rows[1]["valid"] and rows[1]["origin"] is None, rows
assert [row["origin"] for row in csv.DictReader(open("lied/points.csv"))][1] == ""' ||
    fail "origins of points"
}

# A budget ends a study, after a launch of each point.
test_budget() {
  cat >greedy <<'END'
[ -e asked ] || { echo once >asked; sleep 60; }
exec mpirun -n 1 "$@"
END
  small heat --ranks 1,2 --target 0.0001% --budget 24s -o budget
  expect_exit 0
  each budget '{l["config"] for l in ls} == {0, 1}'
  each budget 'sum(l["wall"] for l in ls) < 24'
  expect_out "2 of 2 points missed a median known to 0.0001 % with 95 %"
  study -o budget --settle 0s # goes on with what is left of it
  expect_exit 0
  each budget 'sum(l["wall"] for l in ls) < 24'
  # a point that would eat it all gets half of it
  study heat --size n=9,10,11 --steps 100 --settle 0s --ranks 1 --repeat 1 \
    --budget 40s --launcher "sh greedy {command}" -o eaten
  expect_exit 0
  launches eaten 3
  expect_out "the budget leaves it at most"
  expect_out "1 of 3 points missed"
  each eaten '[l["cut"] for l in ls] == [True, False, False]'
  study heat --n 33 --steps 100000000 --settle 0s --ranks 1 --timeout 1s --repeat 1 \
    -o late
  refused 1 "late: no launch is valid"
  expect_out "timed out"
  each late 'not any(l["cut"] for l in ls)'
}

# wrong STATUS TEXT WORDS...: refused, and nothing is written
wrong() {
  want=$1 text=$2
  shift 2
  study "$@"
  refused "$want" "$text"
  [ ! -e new ] || fail "new was made: $(show_run)"
}

test_wrong() {
  wrong 2 "study: no kernel given"
  wrong 2 "study: no kernel given" --mode strong
  wrong 2 "did you mean heat?" heatt -o new
  wrong 2 "study: no directory given; add -o DIR" heat
  wrong 2 "did you mean --n" heat --nn 3 -o new
  wrong 2 "--n=0: out of range" heat --n 0 -o new
  wrong 2 "did you mean strong?" heat --mode string -o new
  wrong 2 "--ranks: \"0\" is not a count" heat --ranks 1,0 -o new
  wrong 2 "--ranks: --mode threads uses one rank" heat --mode threads --ranks 2 -o new
  wrong 2 "--threads: \"two\" is not a count" heat --threads two -o new
  wrong 2 "--repeat=0" heat --repeat 0 -o new
  wrong 2 "--budget=soon" heat --budget soon -o new
  wrong 2 "--timeout=1x" heat --timeout 1x -o new
  wrong 2 "--target=0: expected a share such as 2%" heat --target 0 -o new
  wrong 2 "--target=2: expected a share such as 2%" heat --target 2 -o new
  wrong 2 "{rank}" heat --launcher "mpirun -n {rank}" -o new
  wrong 2 "unmatched quote" heat --launcher "mpirun '" -o new
  wrong 2 "such as n=128,256" heat --size 3 -o new
  wrong 2 "--n=x" heat --size n=3,x -o new
  wrong 2 "--n is given as well" heat --n 3 --size n=3 -o new
  wrong 2 "--result: not an option of a study" heat -o new -- --result r
  wrong 2 "study --mode: no kernel given" --mode weak -o new
  wrong 2 "new/study.json: No such file" -o new
  wrong 2 "given twice" heat --ranks 1 --ranks 2 -o new
  wrong 2 "--cores=-1" heat --cores -1 -o new
  echo "not a directory" >file
  wrong 3 "file: Not a directory" heat -o file
  study -o file
  refused 2 "file/study.json: Not a directory"
  mpi 1 study heat -o new
  refused 2 "start it without mpirun"
  mkdir damaged
  echo '{"schema": "trireme.study/1"' >damaged/study.json
  study heat -o damaged
  refused 2 "damaged/study.json: not a study"
}

test_help() {
  alone help study
  expect_exit 0
  expect_out "mpirun --map-by slot:PE={threads}"
  expect_out "--budget"
  expect_out "srun"
  expect_out "{command} is"
  study heat --help
  expect_exit 0
  expect_out "resume a study that was stopped"
}

test_strong
test_again
test_modes
test_plans
test_stopped TERM
test_failing
test_base
test_124
test_left
test_memory
test_anew
test_build
test_heedless
test_cores
test_unlike
test_budget
test_wrong
test_help
echo "studies of all modes, stopped, failing, wrong"
