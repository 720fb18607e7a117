#!/bin/sh
# TEST timeout=240 cost=60 slow once
# Signals under mpirun: stop, save and go on, end; and that what was stopped goes on
# to the same fingerprint on another number of ranks.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
cd "$scratch"
unset OMPI_MCA_odls_base_sigkill_timeout # signals as mpirun passes them on
options="--n 48 --quiet"

# start RANKS WORDS...: in the background; its mpirun is $job.
start() {
  n=$1
  shift
  rm -f out err # of the run before: what is waited for is this one's
  said="mpirun -n $n trireme $*"
  TRM_FAULT=$gently mpirun -n "$n" "$TRIREME" "$@" </dev/null >out 2>err &
  job=$!
}

# finish: wait for it, at most 60 s.
finish() {
  (sleep 60 && kill -9 "$job") >/dev/null 2>&1 &
  guard=$!
  status=0
  wait "$job" || status=$?
  kill $guard 2>/dev/null || true
}

# under_way: until its heading is printed, at most 40 s; signals are minded by then.
under_way() {
  tries=0
  until grep -q ' run ' out 2>/dev/null; do
    tries=$((tries + 1))
    [ $tries -lt 400 ] || fail "no heading: $(cat err)"
    sleep 0.1
  done
}

newest_step() { # DIR
  "$TRIREME" ckpt ls "$1" | sed -n 's/^[^ ]*\.h5 *\([0-9]*\) .*/\1/p' | head -n 1
}

# the undisturbed run, only long enough to be compared with
# shellcheck disable=SC2086
mpi 1 run heat $options --steps 500 --result calm.jsonl && expect_exit 0
want=$(key calm.jsonl fingerprint)

# SIGUSR1: save, stop with 75; more ranks go on to the same bits. The run is endless,
# as far as the test goes; the resumed one stops it at a step of its choice.
# shellcheck disable=SC2086
start 2 run heat $options --steps 1000000000 --checkpoint stop --every 1
wait_for "stop/*.h5"
kill -USR1 "$job"
finish
refused 75 "--resume continues from stop/heat-"
stopped=$(newest_step stop)
[ "$stopped" -gt 0 ] || fail "no step in the checkpoint's list"
last=$((stopped + 7))
mpi 3 run heat --quiet --checkpoint stop --resume --steps $last --result stop.jsonl
expect_exit 0
# shellcheck disable=SC2086
mpi 1 run heat $options --steps $last --result calm.jsonl && expect_exit 0
[ "$(key stop.jsonl fingerprint)" = "$(key calm.jsonl fingerprint)" ] ||
  fail "stopped at $stopped and resumed: another fingerprint"
[ "$(key stop.jsonl first_step)" = "$stopped" ] || fail "did not begin at $stopped"

# SIGUSR1 while MPI starts, which a child process of a run without mpirun shows
starts() { pgrep -P "$job" >/dev/null; }
# ... and from the moment on that signals are held or handled, through the restart
# that a run of more threads than cores makes
minds() {
  [ "$(sed -n 's/^Sig\(Blk\|Cgt\):.*\(...\)$/0x\2/p' "/proc/$job/status" 2>/dev/null |
    while read -r set; do [ $((set & 0x200)) = 0 ] || echo yes; done)" ]
}
early() { # CONDITION WORDS...
  moment=$1
  shift
  rm -rf early
  said="trireme $*"
  TRM_FAULT=$gently "$TRIREME" "$@" --checkpoint early </dev/null >out 2>err &
  job=$!
  until $moment; do
    kill -0 "$job" 2>/dev/null || fail "$moment: did not start: $(cat err)"
  done
  kill -USR1 "$job"
  finish
  refused 75 "--resume continues from early/heat-"
}
# shellcheck disable=SC2086
early starts run heat $options --steps 1000000000 --threads 1
# shellcheck disable=SC2086
(unset OMP_WAIT_POLICY && early minds run heat $options --steps 1000000000 --threads $(($(nproc) + 1)))

# SIGUSR1 without a place for checkpoints: says so
# shellcheck disable=SC2086
start 2 run heat $options --steps 1000000000 --result never.jsonl
under_way
kill -USR1 "$job"
finish
refused 3 "without a checkpoint"
[ ! -e never.jsonl ] || fail "a result of a run that did not finish"

# SIGUSR2 and the file checkpoint-now: save and go on
# shellcheck disable=SC2086
start 2 run heat $options --steps 1000000000 --checkpoint on --keep 9
under_way
kill -USR2 "$job"
wait_for "on/*.h5"
first=$(newest_step on)
touch on/checkpoint-now
tries=0
while [ -e on/checkpoint-now ] && [ $tries -lt 200 ]; do
  tries=$((tries + 1))
  sleep 0.1
done
[ ! -e on/checkpoint-now ] || fail "checkpoint-now was not honoured"
[ "$(newest_step on)" -gt "$first" ] || fail "checkpoint-now saved no later step"
kill -0 "$job" || fail "did not go on after SIGUSR2 and checkpoint-now"

# SIGTERM to one rank, as a scheduler does: it stops all of them, and well
rank=$(pgrep -P "$job" | head -n 1)
kill -TERM "$rank"
finish
refused 75 "stopped at step"
alone ckpt verify on && expect_exit 0

# SIGTERM and SIGINT to mpirun, which leaves the ranks one second
for signal in TERM INT; do
  # shellcheck disable=SC2086
  start 2 run heat $options --steps 1000000000 --checkpoint "on-$signal" --every 20
  wait_for "on-$signal/heat-*.h5"
  kill -$signal "$job"
  finish
  [ "$status" != 0 ] || fail "SIG$signal to mpirun: exit status 0"
  alone ckpt verify "on-$signal"
  expect_exit 0
done

# SIGTERM without checkpoints
# shellcheck disable=SC2086
start 1 run heat $options --steps 1000000000
under_way
rank=$(pgrep -P "$job" | head -n 1)
kill -TERM "$rank"
finish
refused 3 "without a checkpoint"

# a run that is done only verifies when resumed, and can be extended
# shellcheck disable=SC2086
mpi 2 run heat $options --steps 300 --checkpoint whole && expect_exit 0
mpi 3 run heat --quiet --checkpoint whole --resume --result whole.jsonl && expect_exit 0
[ "$(key whole.jsonl verified)" = true ] || fail "not verified"
[ "$(key whole.jsonl first_step)" = 300 ] || fail "did steps again"
mpi 1 run heat --quiet --checkpoint whole --resume --steps 500 --result whole.jsonl && expect_exit 0
[ "$(key whole.jsonl fingerprint)" = "$want" ] || fail "extended: another fingerprint"

# an empty directory starts at 0 and says so
# shellcheck disable=SC2086
mpi 2 run heat $options --steps 3 --checkpoint empty --resume && expect_exit 0
expect_line "empty: no checkpoint there, starting at step 0"
echo "stopped, saved and resumed: $want"
