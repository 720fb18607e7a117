#!/bin/sh
# TEST timeout=300 cost=40 slow once
# Bad launches, each named on stderr in one line, in the result and by `doctor`;
# good ones are silent. On machines with more cores than two the launches are made
# on two of them.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
cd "$scratch"
unset OMP_NUM_THREADS OMP_PROC_BIND OMP_PLACES OMP_THREAD_LIMIT OPENBLAS_NUM_THREADS \
  MKL_NUM_THREADS BLIS_NUM_THREADS TRM_SYSTEM_ROOT || true

# The first hardware thread of each core that this process may use, and hwloc's
# description of a machine that has no others: containers show more than they give.
/usr/bin/python3 - >here <<'END'
import os
cores = {}
for cpu in sorted(os.sched_getaffinity(0)):
    try:
        with open(f"/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list") as file:
            core = file.read()
    except OSError:
        core = cpu
    cores.setdefault(core, []).append(str(cpu))
print(" ".join(threads[0] for threads in cores.values()))
each = {len(threads) for threads in cores.values()}
if len(each) == 1:
    every = ",".join(cpu for threads in cores.values() for cpu in threads)
    print(f"core:{len(cores)} pu:{each.pop()}(indexes={every})")
END
cores=$(sed -n 1p here)
machine=$(sed -n 2p here)
[ -z "$machine" ] || export TRM_SYNTHETIC="$machine"
# shellcheck disable=SC2086
set -- $cores
count=$#
one=$1
two=${2:-}

# A system without vices of its own.
good=$scratch/good
make_root() { # DIR
  mkdir -p "$1/proc/self" "$1/sys/kernel/mm/transparent_hugepage" "$1/sys/fs/cgroup/box"
  echo "MemAvailable: 4000000000 kB" >"$1/proc/meminfo"
  echo "always [madvise] never" >"$1/sys/kernel/mm/transparent_hugepage/enabled"
  echo "0::/box" >"$1/proc/self/cgroup"
}
make_root "$good"
export TRM_SYSTEM_ROOT="$good"

# launch "WORDS before the driver" WORDS...: like mpi, the launch is written out.
launch() {
  before=$1
  shift
  said="$before trireme $*"
  status=0
  # shellcheck disable=SC2086
  timeout -k 5 60 $before "$TRIREME" "$@" </dev/null >out 2>err || status=$?
}

doctor_says() {
  sed -n 's/^doctor: \([a-z_]*\): .*/\1/p' err | tr '\n' ' ' | sed 's/ $//'
}

# named "CODES" ORIGIN: the last run warned of these alone, and its result too.
named() {
  expect_exit 0
  [ "$(doctor_says)" = "$1" ] || fail "want \"$1\": $(show_run)"
  lines=$(grep -c '^doctor:' err) || true
  # shellcheck disable=SC2086
  [ "$lines" = "$(echo $1 | wc -w)" ] || fail "want a line each: $(show_run)"
  in_result=$(key r.jsonl doctor | tr -d '[]",')
  [ "$in_result" = "$1" ] || fail "the result has \"$in_result\", want \"$1\": $said"
  [ "$(key r.jsonl origin)" = "$2" ] ||
    fail "origin $(key r.jsonl origin), want $2: $said"
}

small="run heat --steps 2 --result r.jsonl"
run() { # "WORDS before" WORDS...
  rm -f r.jsonl
  words=$1
  shift
  # shellcheck disable=SC2086
  launch "$words" $small "$@"
}

# on one core, here on any machine
run "mpirun -n 1 --bind-to none taskset -c $one" --threads 1
named "" measured
run "" --threads 1
named "" measured
run "mpirun -n 2 --bind-to none taskset -c $one" --threads 1
if [ "$count" -gt 1 ]; then
  named "core_shared_by_ranks" oversubscribed
else
  named "oversubscribed" oversubscribed
fi

# more ranks than cores
run "mpirun -n $((count + 1)) --bind-to none" --threads 1
named "oversubscribed" oversubscribed
[ "$(grep -c "use mpirun -n $count at most" err)" = 1 ] || fail "no advice: $(show_run)"

pair="--map-by core --bind-to core"
if [ "$count" -gt 1 ] && timeout 30 mpirun -n 2 --map-by core --bind-to core true 2>/dev/null; then
  run "mpirun -n 2 $pair" --threads 1
  named "" measured
  run "mpirun -n 2 --bind-to none taskset -c $one,$two" --threads 1
  named "" measured
  run "mpirun -n 1 --bind-to none taskset -c $one,$two" --threads 2
  named "" measured
  run "mpirun -n 1 --bind-to none taskset -c $one,$two"
  [ "$(key r.jsonl threads)" = 2 ] || fail "default threads: $(show_run)"
  named "" measured
  run "mpirun -n 2 $pair"
  [ "$(key r.jsonl threads)" = 1 ] || fail "default threads: $(show_run)"
  named "" measured

  run "mpirun -n 1 --bind-to core" --threads 2
  named "threads_without_core" oversubscribed
  grep -q 'use mpirun --map-by slot:PE=2 --bind-to core -n 1' err ||
    fail "no advice: $(show_run)"
  run "taskset -c $one" --threads 2
  named "threads_without_core" oversubscribed
  run "taskset -c $one mpirun -n 2 --bind-to none" --threads 1
  named "core_shared_by_ranks" oversubscribed

  # OpenMP's places
  OMP_PROC_BIND=close OMP_PLACES="{$one}" run "mpirun -n 1 --bind-to none" --threads 2
  named "core_shared_by_threads" oversubscribed
  OMP_PROC_BIND=master run "mpirun -n 1 --bind-to none" --threads 2
  named "core_shared_by_threads" oversubscribed
  OMP_PROC_BIND=close OMP_PLACES="{$one},{$two}" \
    run "mpirun -n 1 --bind-to none" --threads 2
  named "" measured
  OMP_PROC_BIND=close OMP_PLACES=cores run "mpirun -n 2 --bind-to none" --threads 1
  named "core_shared_by_ranks" oversubscribed
  OMP_PROC_BIND=close run "mpirun -n 2 $pair" --threads 1
  named "" measured
  OMP_THREAD_LIMIT=1 run "mpirun -n 1 --bind-to none" --threads 2
  named "threads_missing" measured
else
  echo "skipped: launches on two cores (there is one, or mpirun cannot bind to them)"
fi

# libraries
OPENBLAS_NUM_THREADS=4 launch "mpirun -n 1 --bind-to none" doctor --threads 1
expect_exit 0
expect_out "OPENBLAS_NUM_THREADS=4 in the environment"

# memory: of the host, of the control group, of the process
bad=$scratch/bad
make_root "$bad"
TRM_SYSTEM_ROOT=$bad run "mpirun -n 1 --bind-to none" --threads 1
named "" measured
echo "MemAvailable: 4 kB" >"$bad/proc/meminfo"
TRM_SYSTEM_ROOT=$bad run "mpirun -n 1 --bind-to none" --threads 1
named "memory" measured
grep -q '4.00 KiB available' err || fail "how much: $(show_run)"
rm "$bad/proc/meminfo"
echo 9000 >"$bad/sys/fs/cgroup/box/memory.max"
echo 5000 >"$bad/sys/fs/cgroup/box/memory.current"
TRM_SYSTEM_ROOT=$bad run "mpirun -n 1 --bind-to none" --threads 1
named "memory" measured
grep -q 'left in the control group /box' err || fail "which: $(show_run)"
rm "$bad/sys/fs/cgroup/box/memory.max"
echo "50000 100000" >"$bad/sys/fs/cgroup/box/cpu.max"
TRM_SYSTEM_ROOT=$bad run "mpirun -n 1 --bind-to none" --threads 1
named "cpu_quota" oversubscribed
rm "$bad/sys/fs/cgroup/box/cpu.max"
echo "always madvise [never]" >"$bad/sys/kernel/mm/transparent_hugepage/enabled"
TRM_SYSTEM_ROOT=$bad run "mpirun -n 1 --bind-to none" --threads 1
named "huge_pages_off" measured
if [ -n "$TRIREME_SANITIZE" ]; then
  echo "skipped: ulimit -v (sanitizers need the address space)"
else
  (
    # shellcheck disable=SC3045
    ulimit -v 8000000 2>/dev/null || exit 0
    launch "" doctor heat --n 1000 --threads 1
    expect_exit 1
    expect_out "left of its address space (ulimit -v)"
  )
fi

# disks
run "mpirun -n 1 --bind-to none" --threads 1 --output out.h5 --picture p.png
expect_exit 0
if df -P . | awk 'NR == 2 { exit !($4 * 20 > $2) }'; then
  named "" measured
fi
if mount_tmpfs size=64m "$scratch/memory"; then
  run "mpirun -n 1 --bind-to none" --threads 1 --checkpoint memory/sets
  named "disk_tmpfs" measured
  run "mpirun -n 1 --bind-to none" --threads 1 --output memory/out.h5
  named "" measured
  rm -r memory/*
  head -c 62m /dev/zero >memory/fill
  run "mpirun -n 1 --bind-to none" --threads 1 --picture memory/p.png
  named "disk_full" measured
  launch "" doctor heat --n 16 --threads 1 --trace memory/t.json
  expect_exit 1
  expect_out "memory/t.json"
  rm memory/fill
  run "" --threads 1 --n 120 --no-verify
  much=$(key r.jsonl memory.predicted_bytes) # of one set, at most
  much=$(/usr/bin/python3 -c "print(f'{3 * $much / 2**20:.1f} MiB')")
  launch "" doctor heat --n 120 --threads 1 --checkpoint memory/sets --keep 2
  expect_exit 1
  expect_out "64.0 MiB free, up to $much will be written"
else
  echo "skipped: disks in memory and full ones (needs mount)"
fi

# a kernel that cannot fit
launch "" doctor triad --n 1e12 --threads 1
expect_exit 1
expect_out "needs 21.8 TiB of memory"

# --strict: an error, in one line, and nothing is written
TRM_SYSTEM_ROOT=$bad run "mpirun -n $((count + 1)) --bind-to none" --threads 1 --strict \
  --checkpoint sets --output out2.h5
refused 2 "--strict: "
found=$(grep -c '^doctor: ' err)
grep -q "^trireme: --strict: $found warning.* about this launch, first oversubscribed: " err ||
  fail "how many: $(show_run)"
for file in sets out2.h5 r.jsonl; do
  [ ! -e $file ] || fail "--strict wrote $file"
done
run "mpirun -n 1 --bind-to none" --threads 1 --strict
named "" measured

# doctor
launch "mpirun -n 1 --bind-to none" doctor --threads 1
expect_exit 0
expect_out "no problems found"
expect_out "rank 0, 1 thread"
[ "$(grep -c '^  ok ' out)" -gt 5 ] || fail "checks: $(show_run)"
if grep -q 'BAD' out; then fail "a good launch is bad: $(show_run)"; fi
launch "mpirun -n 3 --bind-to none taskset -c $one" doctor heat --threads 2 --n 9
expect_exit 1
expect_out "rank 2, 2 threads"
grep -q '^  BAD .*oversubscribed\|^  BAD .*core_shared_by_ranks' out ||
  fail "nothing is bad: $(show_run)"
grep -q '^  ok  *memory ' out || fail "memory: $(show_run)"

# more threads than cores: the driver starts itself anew with waiting that gives way,
# and finds the same then
for places in "" "OMP_PROC_BIND=close OMP_PLACES=cores" "OMP_PROC_BIND=close OMP_PLACES={$one}" \
  "OMP_PROC_BIND=spread"; do
  launch "env OMP_WAIT_POLICY=passive $places" doctor --threads $((count + 2))
  expect_exit 1
  mv out found
  launch "env -u OMP_WAIT_POLICY $places" doctor --threads $((count + 2))
  expect_exit 1
  cmp -s out found || fail "with $places: want $(cat found), got $(show_run)"
done
launch "mpirun -n 5 --bind-to none" doctor triad --n 3 --threads 1
grep -q '^  note  idle_ranks  *2 of 5 ranks own nothing (ranks 3 to 4)' out ||
  fail "idle ranks: $(show_run)"
launch "" doctor heta
refused 2 "did you mean heat?"
launch "" doctor heat --n 0
refused 2 "--n=0: out of range"
launch "" doctor --treads 2
refused 2 "did you mean --threads?"
launch "mpirun -n 2 --bind-to none" doctor heat --input nowhere.h5:/u
refused 2 "nowhere.h5"
launch "mpirun -n 2 --bind-to none" doctor --help
expect_exit 0
[ "$(grep -c '^launch: ' out)" = 1 ] || fail "help on one rank: $(show_run)"
launch "" help launch
expect_exit 0
expect_out "--bind-to core"
echo "bad launches are named, good ones are silent"
