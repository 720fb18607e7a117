#!/bin/sh
# TEST timeout=200
# Deadlines, the sessions of a run, where it is, and how often it saves.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
cd "$scratch"
unset SLURM_JOB_ID SLURM_JOB_END_TIME PBS_JOBID LSB_JOBID
options="--n 40 --quiet --threads 1"
endless="--steps 1000000000"

# stopped_in_time DIR: what the last run said, and what it left
stopped_in_time() {
  refused 75 "by the deadline in"
  expect_line "(margin "
  alone ckpt verify "$1"
  expect_exit 0
  alone status "$1"
  expect_exit 0
  expect_out "stopped"
}

# resumed DIR: goes on on 3 ranks to the bits of a run that nothing disturbed
resumed() {
  stopped=$("$TRIREME" ckpt ls "$1" | sed -n 's/^[^ ]*\.h5 *\([0-9]*\) .*/\1/p' | head -n 1)
  last=$((stopped + 5))
  rm -f calm.jsonl rest.jsonl
  mpi 3 run heat --quiet --threads 1 --checkpoint "$1" --resume --steps $last --result rest.jsonl
  expect_exit 0
  # shellcheck disable=SC2086
  mpi 1 run heat $options --steps $last --result calm.jsonl
  expect_exit 0
  [ "$(key rest.jsonl fingerprint)" = "$(key calm.jsonl fingerprint)" ] ||
    fail "stopped at $stopped, resumed: another fingerprint"
}

# a time
# shellcheck disable=SC2086
mpi 2 run heat $options $endless --checkpoint time --deadline 2
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
date +%s >until
status=0
wait $job || status=$?
said="the run with a deadline in a file"
stopped_in_time file

# Slurm's: from the environment, but scontrol, asked last, may know of more time
mkdir bin
cat >bin/scontrol <<'EOF'
#!/bin/sh
echo "$@" >>asked
echo "JobId=7 JobName=x StartTime=2026-01-01T00:00:00 EndTime=$(cat end) Deadline=N/A"
EOF
chmod +x bin/scontrol
PATH="$PWD/bin:$PATH"
TZ=UTC date -d "+1 second" +%Y-%m-%dT%H:%M:%S >end
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

# sessions of a batch job that begin at the same step again and again
# shellcheck disable=SC2086
SLURM_JOB_ID=8 mpi 2 run heat $options --steps 20 --checkpoint loop
expect_exit 0
begin=$(grep '"begin"' loop/slots.jsonl | sed 's/"step":0/"step":20/')
echo "$begin" >>loop/slots.jsonl
SLURM_JOB_ID=8 mpi 2 run heat --quiet --checkpoint loop --resume --steps 20
expect_exit 0
printf "%s\n%s\n%s\n" "$begin" "$begin" "$begin" >>loop/slots.jsonl
SLURM_JOB_ID=8 mpi 2 run heat --quiet --checkpoint loop --resume --steps 30
refused 3 "no progress: 3 batch sessions began at step 20"
sed -i 's/"state":"[a-z]*"/"state":"running"/; s/"at":[0-9.]*,"deadline"/"at":1e9,"deadline"/' \
  loop/status.json
alone status loop
expect_out "silent for"
expect_out "the one before: killed"
mpi 2 run heat --quiet --checkpoint loop --resume --steps 30 # by hand: no loop
expect_exit 0
SLURM_JOB_ID=8 mpi 2 run heat --quiet --checkpoint loop --resume --steps 40
expect_exit 0

# --every auto: at most 1 % of the time, whatever is expected to fail
# shellcheck disable=SC2086
mpi 2 run heat $options --steps 2000 --checkpoint auto --every auto --mtbf 1s --result auto.jsonl
expect_exit 0
/usr/bin/python3 -c '
import json
c = json.loads(open("auto.jsonl").readlines()[-1])["checkpoints"]
assert c["every"] == "auto" and c["mtbf"] == 1 and c["cost"] > 0, c
assert c["interval"] >= 0.99 * 99 * c["cost"] * 0.01, c' || fail "$(tail -n 1 auto.jsonl)"

# what is not a deadline
for bad in 0 -5 soon 5x "" missing/file; do
  # shellcheck disable=SC2086
  mpi 2 run heat $options --checkpoint bad --deadline "$bad"
  expect_exit 2
  expect_line "--deadline"
  [ ! -e bad ] || fail "--deadline $bad left something behind"
done
mpi 2 run heat --deadline 60
refused 2 "--deadline is without effect; it needs --checkpoint DIR"
mpi 2 run heat --checkpoint bad --every auto --mtbf often
refused 2 "--mtbf=often: want a time"
alone status missing
refused 2 "want the directory of a run"
alone status
refused 2 "want status DIR"
echo nonsense >file/status.json
alone status file
refused 2 "not the status of a run"
