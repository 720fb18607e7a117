#!/bin/sh
# TEST timeout=120 once
# What surrounds a run: signals of terminals and limits, launchers that start separate
# programs, settings that cannot work, and a processor that lacks instructions.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
cd "$scratch"
heat="run heat --n 11 --threads 1 --quiet"

# -- signals -------------------------------------------------------------------
# begin DIR [WORDS...]: a run without an end, after the words; sets $run
begin() {
  place=$1
  shift
  # shellcheck disable=SC2086
  TRM_FAULT=$gently "$@" "$TRIREME" $heat --steps 1000000 --every 5 --checkpoint "$place" \
    >out 2>err &
  run=$!
  wait_for "$place/heat-*.h5"
}
# ended STATUS
ended() {
  wait "$run" && status=0 || status=$?
  [ "$status" = "$1" ] || fail "exit status $status, expected $1: $(cat err)"
}
for signal in HUP XCPU; do
  begin "by-$signal"
  kill -s $signal "$run"
  ended 75
  grep -q "stopped at step" err || fail "$signal: $(cat err)"
  "$TRIREME" ckpt verify "by-$signal" >/dev/null || fail "$signal: no good checkpoint"
done
begin nohup nohup
kill -s HUP "$run"
first=$(find nohup -name 'heat-*.h5' | sort | tail -n 1)
tries=0
until [ "$(find nohup -name 'heat-*.h5' | sort | tail -n 1)" != "$first" ]; do
  tries=$((tries + 1))
  [ $tries -lt 200 ] || fail "no checkpoint after an ignored SIGHUP: $(cat err)"
  sleep 0.1
done
kill -s TERM "$run"
ended 75

# -- launchers and settings ----------------------------------------------------
# shellcheck disable=SC2086
{
  for name in SLURM_PROCID PMI_RANK; do
    (export "${name?}=1" && alone $heat --steps 1 &&
      refused 2 "$name=1, but this MPI is rank 0 of 1")
  done
  SLURM_PROCID=0 alone $heat --steps 1 && expect_exit 0
  SLURM_PROCID=1 mpi 3 $heat --steps 1 && expect_exit 0
  # the cure is one of the launcher that was used
  cores=$(nproc)
  SLURM_STEP_ID=0 taskset -c 0 "$TRIREME" doctor --threads 2 >out 2>err || true
  [ "$cores" = 1 ] || expect_out "use srun --cpus-per-task=2 --cpu-bind=cores -n 1"
  OMP_NUM_THREADS=1000000 alone run heat --n 8 && refused 2 "OMP_NUM_THREADS=1000000: expected 1 to 4096"
  (unset HOME XDG_DATA_HOME TRIREME_MACHINES && alone machine --quick &&
    refused 2 "HOME is not set")
  SLURM_MEM_PER_NODE=10 alone $heat --steps 1 --nx 400 --ny 400 --strict
  expect_exit 2
  grep -q "10.0 MiB granted by Slurm in SLURM_MEM_PER_NODE; use sbatch --mem=1G" err ||
    fail "no word of Slurm's limit: $(show_run)"
  SLURM_MEM_PER_CPU=5 SLURM_CPUS_ON_NODE=2 alone $heat --steps 1 --nx 400 --ny 400
  grep -q "10.0 MiB granted by Slurm in SLURM_MEM_PER_CPU" err || fail "$(show_run)"

  # times as Slurm writes them
  for every in 1h30m "1h 30min" 01:00:00 1-00:00:00 2:30 1-12; do
    alone $heat --steps 1 --checkpoint "every-$every" --every "$every" && expect_exit 0
  done
  for every in 1m1h 1:2:3:4 - 1- :1 1h30; do
    alone $heat --steps 1 --checkpoint never --every "$every" && refused 2 "--every=$every: expected"
  done
}

# -- an older processor --------------------------------------------------------
if [ -n "$TRIREME_SANITIZE" ] || ! command -v qemu-x86_64 >/dev/null; then
  echo "not tested: a processor that lacks instructions (needs qemu-user and a plain build)"
else
  status=0
  qemu-x86_64 -cpu Nehalem "$TRIREME" version >out 2>err || status=$?
  said="trireme version on a Nehalem"
  case $(/usr/bin/python3 -c 'import json, subprocess, sys; print(subprocess.run(
    [sys.argv[1], "version"], capture_output=True, text=True).stdout)' "$TRIREME") in
    *march=x86-64\ *) expect_exit 0 ;;
    *) refused 3 "this processor has no" ;;
  esac
fi
