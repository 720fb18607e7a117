#!/bin/sh
# TEST timeout=120 once
# Where a run is: while it runs, after it, and when it says nothing any more.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
cd "$scratch"
unset SLURM_JOB_ID PBS_JOBID LSB_JOBID TRIREME_CHAIN
options="--n 16 --quiet --threads 1"

expect_not() {
  if grep -qF -- "$1" "$scratch/out"; then fail "do not want \"$1\": $(show_run)"; fi
}
status_of() { # DIR
  alone status "$1"
  expect_exit 0
}

# help; what is no directory of a run
alone status --help && expect_exit 0 && expect_out "silent"
alone help status && expect_exit 0 && expect_out "silent"
alone status && refused 2 "usage: status DIR"
alone status a b && refused 2 "usage: status DIR"
alone status missing && refused 2 "missing/status.json: No such file"
mkdir -p file/status.json none other
alone status file && refused 2 "not a regular file"
alone status none && refused 2 "expected the directory of a run"
echo nonsense >other/status.json
alone status other && refused 2 "not the status of a run"
echo '{"schema":"trireme.status/2"}' >other/status.json
alone status other && refused 2 "not the status of a run"
: >other/status.json
alone status other && refused 2 "not the status of a run"
echo '{"schema":"trireme.status/1"}' >other/status.json
status_of other

# after a run: of all its sessions, and without their file
# shellcheck disable=SC2086
alone run heat $options --steps 20 --checkpoint run
expect_exit 0
status_of run
expect_out "1 rank x 1 thread on 1 host"
expect_out "done"
expect_out "20 of 20, 100.0 %"
expect_out "step 20"
expect_not "sessions"
alone run heat --quiet --checkpoint run --resume --steps 30
status_of run
expect_out "30 of 30"
expect_out "sessions    2"
mv run/allocations.jsonl slots
status_of run
expect_not "sessions"
mv slots run/slots.jsonl # as version 0.1.0 named it
status_of run
expect_out "sessions    2"
mv run/slots.jsonl run/allocations.jsonl
left=$(find run -name '.status*')
[ -z "$left" ] || fail "left behind: $left"

# a session that was not let begin says why; the next one makes that history
alone run heat --quiet --n 17 --checkpoint run --resume --steps 40
expect_exit 2
status_of run
expect_out "30 of 30"
expect_out "ago: --n=17: the checkpoint was made with 16"
alone run heat --quiet --checkpoint run --resume --steps 40
status_of run
expect_not "--n=17"
expect_out "sessions    3"

# made STATE AGE SILENT [MORE]: the status of a run that was heard of AGE seconds ago and
# is lost after SILENT
made() {
  mkdir -p made
  now=$(date +%s)
  printf '{"schema":"trireme.status/1","kernel":"heat","run_id":"1","state":"%s",' "$1" \
    >made/status.json
  printf '"job":"7","host":"n1","ranks":2,"threads":1,"hosts":1,"step":300,"end":1200,' \
    >>made/status.json
  printf '"steps_per_second":10,"began":%s,"at":%s,"silent":%s,"deadline":%s%s}\n' \
    $((now - 3600)) $((now - $2)) "$3" $((now + 600)) "${4:-}" >>made/status.json
  status_of made
}
made running 2 60
expect_out "running for 1 h 00 min"
expect_out "300 of 1200, 25.0 %"
expect_out "left        1 min 30 s"
expect_out "deadline    in "
expect_out "none yet"
expect_not "no word"
# steps that take long are no alarm
made running 100 200
expect_out "running for 1 h 00 min; silent for 1 min 4"
expect_out "left  "
expect_not "killed"
made running 100 0
expect_out "s, in its first"
expect_not "killed"
made saving 100 200
expect_out "writes a checkpoint"
expect_not "killed"
made finishing 7200 0
expect_out "all steps done"
expect_not "killed"
for state in running saving; do
  made $state 300 200
  expect_out "(expected within 3 min 20 s): killed"
  expect_not "left  "
  expect_not "deadline"
done
made running 70 60 ',"end":-1'
expect_out "killed"
made stopped 300 0 ',"why":"heat: stopped by SIGUSR1"'
expect_out "stopped 5 min 0"
expect_out "ago: heat: stopped by SIGUSR1"
expect_not "left  "

# how many steps there are to be is not known
sed -i 's/"end":1200/"end":-1/; s/"state":"stopped"/"state":"running"/' made/status.json
status_of made
expect_out "step        300"
expect_not " of "
expect_not "left  "

# killed before: the sessions say so
for _ in 1 2 3; do echo '{"event":"begin","run_id":"1"}'; done >made/allocations.jsonl
status_of made
expect_out "3; the one before: killed"

# await_status DIR TEXT: until its status says so, at most some ten seconds
await_status() {
  tries=0
  until alone status "$1" && grep -qF "$2" out; do
    tries=$((tries + 1))
    [ $tries -lt 100 ] || fail "$1 does not come to '$2': $(show_run)"
    sleep 0.1
  done
}

# while it runs: at once, and while a checkpoint takes its time
# shellcheck disable=SC2086
TRM_FAULT=commit:1:sleep3000 "$TRIREME" run heat $options --steps 1000000000 --checkpoint live \
  </dev/null >live.out 2>&1 &
job=$!
wait_for live/status.json
status_of live
expect_out "running for"
expect_out "none yet"
touch live/checkpoint-now
await_status live "writes a checkpoint"
wait_for "live/*.h5"
await_status live "running for"
expect_not "none yet"
/usr/bin/python3 - <<'EOF' || fail "$(cat live/status.json)"
import json
s = json.load(open("live/status.json"))
assert s["silent"] >= 60 and s["checkpoints"]["last"] >= 3, s
EOF
kill -USR1 $job
wait $job || true
status_of live
expect_out "ago: heat: stopped at step"
expect_out "SIGUSR1"
