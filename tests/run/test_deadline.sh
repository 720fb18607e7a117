#!/bin/sh
# TEST timeout=400 cost=60 slow once
# Deadlines, and how often a run saves.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
cd "$scratch"
unset SLURM_JOB_ID SLURM_JOB_END_TIME PBS_JOBID LSB_JOBID
options="--n 40 --quiet --threads 1"
endless="--steps 1000000000"
export TRM_FAULT="$gently"

# stopped_in_time DIR: what the last run said, and what it left
stopped_in_time() {
  refused 75 "by the deadline, "
  expect_line "(margin "
  alone ckpt verify "$1"
  expect_exit 0
  alone status "$1"
  expect_exit 0
  expect_out "stopped"
}

newest_step() { # DIR
  "$TRIREME" ckpt ls "$1" | sed -n 's/^[^ ]*\.h5 *\([0-9]*\) .*/\1/p' | head -n 1
}

# resumed DIR: goes on on 3 ranks to the bits of a run that nothing disturbed
resumed() {
  stopped=$(newest_step "$1")
  last=$((stopped + 5))
  rm -f calm.jsonl rest.jsonl
  mpi 3 run heat --quiet --threads 1 --checkpoint "$1" --resume --steps $last --result rest.jsonl
  expect_exit 0
  # shellcheck disable=SC2086
  TRM_FAULT="" mpi 1 run heat $options --steps $last --result calm.jsonl
  expect_exit 0
  [ "$(key rest.jsonl fingerprint)" = "$(key calm.jsonl fingerprint)" ] ||
    fail "stopped at $stopped, resumed: another fingerprint"
}

# a time
# shellcheck disable=SC2086
mpi 2 run heat $options $endless --checkpoint time --deadline 10
stopped_in_time time
resumed time
alone status time
expect_out "done"
expect_out "sessions    2"

# a file that is written while the run goes on
echo 2100-01-01T00:00:00Z >until
# shellcheck disable=SC2086
{
  mpirun -n 2 "$TRIREME" run heat $options $endless --checkpoint file --deadline until \
    </dev/null >out 2>err &
}
job=$!
wait_for "file/status.json"
alone status file
expect_exit 0
expect_out "running"
expect_out "deadline"
echo 18:00 >until # as no file holds it: said once, and the deadline stays
sleep 3
date +%s >until
status=0
wait $job || status=$?
said="the run with a deadline in a file"
[ "$(grep -c '"18:00" is not a time' err)" = 1 ] || fail "want it said once: $(cat err)"
sed -i '/is not a time/d' err
stopped_in_time file

# Slurm's: from the environment, but scontrol, asked last, may know of more time
mkdir bin
cat >bin/scontrol <<'EOF'
#!/bin/sh
echo "$@" >>asked
echo "JobId=7 JobName=x StartTime=2026-01-01T00:00:00 EndTime=$(cat end) Deadline=N/A"
EOF
chmod +x bin/scontrol
cp bin/scontrol bin/answers
PATH="$PWD/bin:$PATH"
TZ=UTC date -d "+16 seconds" +%Y-%m-%dT%H:%M:%S >end
# shellcheck disable=SC2086
TZ=UTC SLURM_JOB_ID=7 mpi 1 run heat $options $endless --checkpoint slurm --deadline auto
stopped_in_time slurm
expect_out "job 7"
grep -q -- "-o show job 7" asked || fail "scontrol was not asked: $(cat asked)"
echo 2100-01-01T00:00:00 >end
# shellcheck disable=SC2086
SLURM_JOB_ID=7 SLURM_JOB_END_TIME=$(date +%s) mpi 2 run heat $options --steps 400 \
  --checkpoint more --deadline auto
expect_exit 0
# shellcheck disable=SC2086
mpi 1 run heat $options --steps 3 --checkpoint none --deadline auto
expect_exit 0
expect_out "none: no batch system"

# ... or may hang: it is asked once, and not waited for long; nor is it asked for dates
# that nobody can read
cat >bin/scontrol <<'EOF'
#!/bin/sh
echo "$SLURM_TIME_FORMAT $*" >>hung
sleep 60 >/dev/null
EOF
began=$(date +%s)
# shellcheck disable=SC2086
SLURM_TIME_FORMAT=relative SLURM_JOB_ID=7 SLURM_JOB_END_TIME=$((began + 24)) \
  mpi 2 run heat $options $endless --checkpoint hang --deadline auto
stopped_in_time hang
took=$(($(date +%s) - began))
[ $took -lt 24 ] || fail "stopped after $took s, 24 s were left"
[ "$(cat hung)" = "standard -o show job 7" ] || fail "scontrol was asked: $(cat hung)"

# ... or not answer: the run goes on, and asks again
printf '#!/bin/sh\nexit 1\n' >bin/scontrol
# shellcheck disable=SC2086
SLURM_JOB_ID=7 mpi 1 run heat $options --steps 3 --checkpoint mute --deadline auto
expect_exit 0
expect_out "not known yet"

# a task of an array asks for its own end
cp bin/answers bin/scontrol
# shellcheck disable=SC2086
SLURM_JOB_ID=9 SLURM_ARRAY_JOB_ID=6 SLURM_ARRAY_TASK_ID=3 mpi 1 run heat $options \
  --steps 3 --checkpoint array --deadline auto
expect_exit 0
grep -q -- "-o show job 6_3" asked || fail "scontrol was asked: $(cat asked)"
grep -q '"job":"6_3"' array/allocations.jsonl || fail "$(cat array/allocations.jsonl)"

# the first checkpoint is not the last one: it is timed early, whatever --every says, and
# what it takes makes the margin
# shellcheck disable=SC2086
TRM_FAULT=commit:1+:sleep1500,$gently mpi 2 run heat $options $endless --checkpoint slow \
  --every 1000000000 --keep 9 --deadline 14
stopped_in_time slow
sets=$(find slow -name '*.h5' | wc -l)
[ "$sets" = 2 ] || fail "want an early checkpoint and the last: $(ls slow)"
/usr/bin/python3 - <<'EOF' || fail "too late: $(cat slow/allocations.jsonl)"
import json
begin, end = [json.loads(line) for line in open("slow/allocations.jsonl")]
c = end["checkpoints"]
assert c["cost_from"] == "clock" and c["last"] >= 1.5 <= c["cost"], c
assert end["at"] - begin["at"] < 14, end
EOF

# what it takes is known from the session before; on other ranks it is no less than a guess
last=$(($(newest_step slow) + 9))
mpi 2 run heat --quiet --threads 1 --checkpoint slow --resume --steps $last --deadline 1d \
  --result next.jsonl
expect_exit 0
expect_out "s (in the previous session)"
[ "$(key next.jsonl checkpoints.cost_from)" = before ] || fail "$(cat next.jsonl)"
mpi 3 run heat --quiet --threads 1 --checkpoint slow --resume --steps $((last + 9)) --deadline 1d \
  --result next.jsonl
expect_exit 0
/usr/bin/python3 -c "assert $(key next.jsonl checkpoints.cost) >= 0.3" || fail "$(cat next.jsonl)"

# a slot without time for more than a step would not have it the next time either
# shellcheck disable=SC2086
TRM_FAULT=commit:1+:sleep1500,$gently mpi 2 run heat $options --steps 9 --checkpoint short
expect_exit 0
# shellcheck disable=SC2086
mpi 2 run heat --quiet --threads 1 --checkpoint short --resume $endless --deadline 3
refused 3 "the deadline leaves no time"
alone ckpt verify short
expect_exit 0
[ "$(newest_step short)" = 10 ] || fail "its step was not saved: $(ls short)"

# --every auto: the choice and its reasons, also of a session that stops early
# shellcheck disable=SC2086
mpi 2 run heat $options $endless --checkpoint auto --every auto --mtbf 1s --keep 99 --deadline 14
grep -q '^  every  ' "$scratch/out" || fail "the interval is not said: $(show_run)"
stopped_in_time auto
/usr/bin/python3 - <<'EOF' || fail "$(tail -n 1 auto/allocations.jsonl)"
import glob, json
begin, end = [json.loads(line) for line in open("auto/allocations.jsonl")]
c = end["checkpoints"]
assert c["every"] == "auto" and c["mtbf"] == 1 and c["cost_from"] == "clock", c
assert c["interval"] >= 99 * c["cost"] * 0.999, c
n, spent = len(glob.glob("auto/*.h5")), c["spent"] - c["last"]
assert n >= 2 and spent <= 0.011 * (end["at"] - begin["at"]) + c["cost"], (n, c)
EOF
mpi 2 run heat --quiet --threads 1 --checkpoint auto --resume --every auto \
  --steps $(($(newest_step auto) + 9)) --result auto.jsonl
expect_exit 0
[ "$(key auto.jsonl checkpoints.every)" = auto ] || fail "$(cat auto.jsonl)"

# what is not a deadline
for bad in 0 -5 soon 5x "" missing/file; do
  # shellcheck disable=SC2086
  mpi 2 run heat $options --checkpoint bad --deadline "$bad"
  expect_exit 2
  expect_line "--deadline"
  [ ! -e bad ] || fail "--deadline $bad left something behind"
done
mpi 2 run heat --deadline 60
refused 2 "--deadline requires --checkpoint DIR"
mpi 2 run heat --checkpoint bad --every auto --mtbf often
refused 2 "--mtbf=often: expected a time"
echo 3600 >until
# shellcheck disable=SC2086
mpi 2 run heat $options --checkpoint bad --deadline until
refused 2 '--deadline=until: "3600" in this file is not a time'
[ ! -e bad ] || fail "a deadline in 1970 left something behind"
