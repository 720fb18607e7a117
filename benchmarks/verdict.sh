#!/bin/sh
# verdict.sh [DIR]: pathologies that are planted in kernels, and the name that the
# verdict gives each; with DIR the results are kept there, as tests/study/verdict has
# them. Two cores suffice: what needs more ranks sleeps instead of working. Exit status
# 1: a name is wrong.
set -eu
# shellcheck source=benchmarks/lib.sh
. "$(dirname "$0")/lib.sh"
keep=${1:-$scratch/kept}
mkdir -p "$keep"
program=$build/benchmarks/bench_verdict
export OMP_WAIT_POLICY=passive OMPI_MCA_rmaps_base_oversubscribe=1
quiet_gate
count=0 wrong=0

# launch RANKS THREADS KERNEL OPTION...: three times, of which the fastest counts;
# $under stands in front, $bind binds.
launch() {
  n=$1 t=$2
  shift 2
  for _ in 1 2 3; do
    rm -rf "$scratch/sets"
    # shellcheck disable=SC2086
    OMP_NUM_THREADS=$t timeout 120 ${under:-} mpirun -n "$n" \
      ${bind:---bind-to core} "$program" run "$@" --threads "$t" --quiet \
      --result "$scratch/results" >/dev/null 2>"$scratch/err" ||
      { cat "$scratch/err" >&2; exit 1; }
  done
}

# named NAME WANT [asleep]: the verdict on what was launched since the last one.
named() {
  # shellcheck disable=SC2086
  "$program" trim ${3:-} "$scratch/results" >"$keep/$1.jsonl"
  rm "$scratch/results"
  "$program" judge "$keep/$1.jsonl" >"$scratch/said"
  got=$(head -n 1 "$scratch/said")
  count=$((count + 1))
  if [ "$got" = "$2" ]; then
    echo "$1: $got (right)"
  else
    echo "$1: $got (WRONG: want $2)"
    wrong=$((wrong + 1))
  fi
  tail -n +2 "$scratch/said" | fold -s -w 74 | sed 's/^/    /'
}

# asleep NAME WANT OPTION...: on 1, 2 and 4 ranks, whatever cores there are.
asleep() {
  name=$1 want=$2
  shift 2
  for r in 1 2 4; do
    OMPI_MCA_mpi_yield_when_idle=1 OMP_PROC_BIND=false bind="--bind-to none" \
      launch "$r" 1 "${kernel:-$name}" --steps 12 "$@"
  done
  named "$name" "$want" asleep
}

asleep good "nothing measured"
asleep slow_rank "one slow rank"
asleep serial "serial sections"
asleep imbalance "imbalance that grows with the ranks"
asleep division "uneven division of the problem" --n 10
kernel=good asleep checkpoints "frequent checkpoints" --n 100000 --every 1 \
  --checkpoint "$scratch/sets"

for kernel in small_messages latency; do
  for r in 1 2; do launch $r 1 $kernel --steps 40; done
  case $kernel in
    latency) named latency "latency of reductions" ;;
    *) named small_messages "many small messages" ;;
  esac
done

for r in 1 2; do launch $r 1 memory --n 40000000 --steps 40; done
named memory "memory bandwidth"

# both ranks on one core
for r in 1 2; do
  under="taskset -c 0" bind="--bind-to none" OMP_PROC_BIND=false \
    launch $r 1 compute --steps 40
done
named shared_core "ranks or threads that share a core"

# Two ranks, the threads of each on both cores; the machine is said to have four,
# which it would need.
for r in 1 2; do
  TRM_SYNTHETIC="core:4 pu:1" OMP_PLACES=cores OMP_PROC_BIND=close bind="--bind-to none" \
    launch $r 2 compute --steps 40
done
named straddle "threads of a rank across two ranks' cores"
echo "$wrong of $count names are wrong"
[ $wrong = 0 ]
