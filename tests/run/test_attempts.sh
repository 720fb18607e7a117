#!/bin/sh
# TEST timeout=200 cost=40 slow once
# The sessions of a run in a batch job: what is noted of them, what counts as progress,
# and that an attempt that gets nowhere stops itself.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
cd "$scratch"
unset OMPI_MCA_odls_base_sigkill_timeout # signals as mpirun passes them on
unset SLURM_JOB_ID SLURM_ARRAY_JOB_ID SLURM_ARRAY_TASK_ID PBS_JOBID LSB_JOBID LSB_JOBINDEX
unset TRIREME_CHAIN
options="--n 16 --quiet --threads 1"
endless="--steps 1000000000"

# line EVENT STEP [STATE] [CHAIN]: of allocations.jsonl
line() {
  printf '{"schema":"trireme.slot/1","event":"%s","run_id":"0123456789abcdef",' "$1"
  printf '"job":"8","chain":"%s","step":%s,"at":1e9%s}\n' "${4:-8}" "$2" \
    "${3:+,\"state\":\"$3\",\"status\":3}"
}
excuse() { # as a script writes it
  echo '{"event":"excused","chain":"8"}'
}

# kept_from TEXT: the last run was not let begin, for this; "no checkpoint there" apart
kept_from() {
  expect_exit 3
  # there is no checkpoint of the steps that the log tells of
  sed -i -e '/starting at step 0$/d' -e '/start again from step 0 with/d' "$scratch/err"
  expect_line "$1"
}

# session DIR: of job 8, which begins at step 0 as there is no checkpoint
session() {
  # shellcheck disable=SC2086
  SLURM_JOB_ID=8 alone run heat $options --steps 3 --checkpoint "$1" --resume --restart
}
# begins LINES... / is_refused LINES...: what comes behind such a past
past() {
  rm -rf past
  mkdir past
  for words in "$@"; do
    # shellcheck disable=SC2086
    $words >>past/allocations.jsonl
  done
  session past
}
begins() {
  past "$@"
  expect_exit 0
}
is_refused() {
  past "$@"
  kept_from "no progress: 2 sessions of job 8 began at step 0 and wrote no checkpoint"
}

begins "line begin 0"
is_refused "line begin 0" "line begin 0"
# what a session reached without a checkpoint is no progress, however it ended
is_refused "line begin 0" "line end 500 interrupted" "line begin 0" "line end 700 failed"
begins "line begin 0" "line begin 0" "line end 500 stopped" "line begin 0"
begins "line begin 0" "line begin 0" "line begin 500" "line begin 0"
begins "line begin 0" "line begin 0" "line end 0 done"
# others, and what nobody can read, neither count nor hide anything
is_refused "line begin 0" "line begin 7 failed 9" "line end 7 stopped 9" "echo {" "line begin 0"
begins "line begin 0" "line begin 0 failed 9" "line begin 0 failed 9"
# what the batch system ended for reasons of its own
begins "line begin 0" "line begin 0" excuse
begins "line begin 0" excuse "line begin 0" excuse "line begin 0"
is_refused "line begin 0" "line begin 0" "line begin 0" excuse excuse
begins "line begin 0" "line begin 0" "line begin 500" excuse

# only in batch jobs; those that submit each other are one attempt, what is submitted
# again is another
is_refused "line begin 0" "line begin 0"
# shellcheck disable=SC2086
alone run heat $options --steps 3 --checkpoint past --resume
expect_exit 0
mv past/allocations.jsonl slots
rm -r past
mkdir past
mv slots past/allocations.jsonl
# shellcheck disable=SC2086
SLURM_JOB_ID=9 TRIREME_CHAIN=8 alone run heat $options --steps 3 --checkpoint past --resume --restart
kept_from "no progress: 2 sessions of job 8 began at step 0"
tail -n 1 past/allocations.jsonl | grep -q '"event":"refused".*"job":"9".*"why":"heat: no progress' ||
  fail "not noted: $(cat past/allocations.jsonl)"
# shellcheck disable=SC2086
SLURM_JOB_ID=9 alone run heat $options --steps 3 --checkpoint past --resume --restart
expect_exit 0

# the log that version 0.1.0 began under its name for it counts, and is continued
rm -rf past
mkdir past
for _ in 1 2; do line begin 0 >>past/slots.jsonl; done
session past
kept_from "no progress: 2 sessions of job 8 began at step 0"
tail -n 1 past/slots.jsonl | grep -q '"event":"refused"' || fail "$(cat past/slots.jsonl)"
[ ! -e past/allocations.jsonl ] || fail "two logs in one directory: $(ls past)"

# the same behind a checkpoint
session on
expect_exit 0
line begin 3 >>on/allocations.jsonl
session on # all is done: that is progress
expect_exit 0
for _ in 1 2; do line begin 3 >>on/allocations.jsonl; done
SLURM_JOB_ID=8 alone run heat --quiet --checkpoint on --resume --steps 5
refused 3 "began at step 3"

# a line that a full disk cut stays alone
mkdir cut
printf '{"schema":"trireme.slot/1","ev' >cut/allocations.jsonl
session cut
expect_exit 0
/usr/bin/python3 - <<'EOF' || fail "$(cat cut/allocations.jsonl)"
import json
begin, end = [json.loads(line) for line in list(open("cut/allocations.jsonl"))[1:]]
assert begin["event"] == "begin" and end["state"] == "done", (begin, end)
EOF

# who it is: an array's task, an element of LSF's
job() { tail -n 1 "$1/allocations.jsonl" | sed 's/.*"job":"\([^"]*\)","chain":"\([^"]*\)".*/\1 \2/'; }
SLURM_ARRAY_JOB_ID=6 SLURM_ARRAY_TASK_ID=3 session array
[ "$(job array)" = "6_3 6_3" ] || fail "$(cat array/allocations.jsonl)"
# shellcheck disable=SC2086
LSB_JOBID=5 LSB_JOBINDEX=2 alone run heat $options --steps 3 --checkpoint lsf
[ "$(job lsf)" = "5[2] 5[2]" ] || fail "$(cat lsf/allocations.jsonl)"
# shellcheck disable=SC2086
LSB_JOBID=5 LSB_JOBINDEX=0 alone run heat $options --steps 3 --checkpoint lsf0
[ "$(job lsf0)" = "5 5" ] || fail "$(cat lsf0/allocations.jsonl)"

# SIGTERM: by hand a checkpoint that does not fit is not begun; in a batch job it is tried
terminated() { # DIR
  rm -f out err
  # shellcheck disable=SC2086
  TRM_FAULT=$gently TRIREME_GRACE=0.001 mpirun -n 2 "$TRIREME" run heat $options $endless --checkpoint "$1" \
    </dev/null >out 2>err &
  job=$!
  wait_for "$1/status.json"
  kill -TERM "$(pgrep -P $job | head -n 1)"
  status=0
  wait $job || status=$?
  said="SIGTERM to a rank: $1"
}
terminated hand
refused 3 "without time for a new checkpoint"
tail -n 1 hand/allocations.jsonl | grep -q '"event":"end".*"state":"interrupted","status":3' ||
  fail "by hand: $(cat hand/allocations.jsonl)"
export SLURM_JOB_ID=8
terminated batch
refused 75 "by SIGTERM, SIGINT"
tail -n 1 batch/allocations.jsonl | grep -q '"state":"stopped","status":75' ||
  fail "in a batch job: $(cat batch/allocations.jsonl)"
unset SLURM_JOB_ID

# ranks that were lost hold the lock for a while: a job waits, people are told
/usr/bin/python3 - <<'EOF' &
import fcntl, time
lock = open("on/.trireme-lock", "a")
fcntl.flock(lock, fcntl.LOCK_EX)
open("held", "w")
time.sleep(150)
EOF
holder=$!
wait_for held
alone run heat --quiet --checkpoint on --resume --steps 5
refused 3 "another run writes"
SLURM_JOB_ID=10 "$TRIREME" run heat --quiet --checkpoint on --resume --steps 5 </dev/null >out 2>err &
job=$!
tries=0
until grep -q "waiting up to" err; do
  tries=$((tries + 1))
  [ $tries -lt 300 ] || fail "does not wait for the lock: $(cat err)"
  sleep 0.1
done
kill $holder
status=0
wait $job || status=$?
said="a job that waited for the lock"
expect_exit 0
expect_line "waiting up to"
echo "attempts: counted, excused, stopped"
