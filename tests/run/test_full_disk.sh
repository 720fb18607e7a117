#!/bin/sh
# TEST timeout=240 once
# A checkpoint that fails is an event: it is reported, tried again, and the run ends well.
# Only the last one of a run decides.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
cd "$scratch"
heat="run heat --n 11 --threads 1 --quiet"

# shellcheck disable=SC2086
{
  alone $heat --steps 40 --result calm.jsonl && expect_exit 0
  # writes 3 and 4 belong to the checkpoints of steps 20 and 30 or to attempts between
  TRM_FAULT=write:2:ENOSPC,$gently mpi 3 $heat --steps 700 --every 10 --checkpoint moment \
    --result moment.jsonl
  expect_exit 0
  grep -q "checkpoint at step 10 failed: .*No space left.*tries again in 1" err ||
    grep -q "checkpoint at step 20 failed: .*No space left.*tries again in 1" err ||
    fail "no report: $(show_run)"
  grep -q "is written, after 1 failure in" err || fail "no recovery: $(show_run)"
  [ "$(grep -c ' failed: ' err)" = 1 ] || fail "reported more than once: $(show_run)"

  TRM_FAULT=write:2+:EDQUOT alone $heat --steps 40 --every 10 --checkpoint full --result r.jsonl
  expect_exit 3
  tail -n 20 err | grep -q "the last checkpoint, at step 40, failed: .*quota.*newest good one is full/heat-.*10.h5; continue from it with: .*run heat --checkpoint full --resume" ||
    fail "the last line does not say how to continue: $(show_run)"
  alone status full && expect_out "failing" && expect_out "from step 20 on"
  [ -z "$(find full -name '*.part')" ] || fail "unfinished files: $(ls -A full)"
  alone $heat --checkpoint full --resume --steps 40 --result full.jsonl && expect_exit 0
  [ "$(key full.jsonl fingerprint)" = "$(key calm.jsonl fingerprint)" ] || fail "other bits"
  alone status full
  ! grep -q failing out || fail "the failures are over: $(show_run)"
}

# a file system that is full for a while
if mount_tmpfs size=16m "$scratch/small"; then
  # shellcheck disable=SC2086
  TRM_FAULT=$gently mpirun -n 3 "$TRIREME" $heat --steps 100000 --every 20 \
    --checkpoint small/d >out 2>err &
  run=$!
  wait_for "small/d/heat-*.h5"
  dd if=/dev/zero of=small/fill bs=4k 2>/dev/null || true
  tries=0
  until grep -qE "failed: .*[Nn]o space" err; do
    tries=$((tries + 1))
    [ $tries -lt 200 ] || fail "no report in 20 s: $(cat err)"
    sleep 0.1
  done
  kill -0 $run || fail "the run has ended: $(cat err)"
  rm small/fill
  tries=0
  until grep -q "is written, after" err; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] || fail "no recovery in 30 s: $(cat err)"
    sleep 0.1
  done
  kill -USR1 $run
  wait $run && status=0 || status=$?
  [ $status = 75 ] || fail "exit status $status, expected 75: $(cat err)"
else
  echo "not tested: a file system that is full for a while (no permission to mount)"
fi
