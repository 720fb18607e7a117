#!/bin/sh
# TEST timeout=600 lock=slurm cost=120 slow once
# Signals of a real Slurm reach every rank, under srun and under mpirun: USR1 to the
# steps, USR1 to the batch script, preemption with and without grace. Each stops the
# run with a checkpoint, and the job goes on from there to the bits of a run that nothing
# disturbed.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/slurm/lib.sh
. "$(dirname "$0")/lib.sh"
start_cluster

# while the script sets up
# shellcheck disable=SC2016 # for the job
long early long.sbatch -e 's/^modules=.*/modules=slow; module() { touch setting-up; sleep 3; }/'
submit early srun -t 5
early=$job

for l in srun mpirun; do
  for to in steps batch; do
    long "$l-$to" long.sbatch
    submit "$l-$to" $l -t 5
    eval "${l}_$to=$job"
  done
done
wait_for early/setting-up
scancel --batch --signal=USR1 "$early"
echo 50 >early/steps
for l in srun mpirun; do
  for to in steps batch; do
    await 30 under_way "$l-$to" 1
    eval "job=\$${l}_$to"
    how=
    [ $to = steps ] || how=--batch
    # shellcheck disable=SC2086 # no word, or one
    scancel $how --signal=USR1 "$job"
  done
done
for l in srun mpirun; do
  for to in steps batch; do
    await 40 stops "$l-$to"
    says "$l-$to/out" "by SIGUSR1" || fail "$l-$to: $(cat "$l-$to/out")"
  done
done
for l in srun mpirun; do
  for to in steps batch; do
    eval "job=\$${l}_$to"
    await 60 is_done "$l-$to" "$job"
    undisturbed "$l-$to"
    echo "USR1 to the $to: $l stopped and went on"
  done
done
await 40 ended_with "$early" 0
says early/out "stopped before the run began" || fail "early: $(cat early/out)"
shows "$early" Restarts=1 || fail "early: not requeued"
undisturbed early
echo "USR1 to the batch script before the run began: it began later"

# Preemption: `low` has no grace time, its jobs get SIGTERM and 8 s, of which their
# checkpoint takes more than the one that mpirun would leave; `grace` has 20 s, which begin
# with SIGTERM to the ranks alone, or with the signal of --signal.
large='s/--n 40/--n 264/; s/^modules=.*/export TRM_FAULT=step:1+:sleep100/'
plain='/^#SBATCH --signal/d'
for l in srun mpirun; do
  long "$l-low" preemptible.sbatch -e "$plain" -e "$large"
  submit "$l-low" $l -t 5 -p low
  eval "${l}_low=$job"
  long "$l-grace" preemptible.sbatch -e "$plain"
  submit "$l-grace" $l -t 5 -p grace
  eval "${l}_grace=$job"
  long "$l-warned" preemptible.sbatch
  submit "$l-warned" $l -t 5 -p grace
  eval "${l}_warned=$job"
done
# what may not be requeued ends with preemption: its successor goes on
long succeeded preemptible.sbatch -e "$plain"
submit succeeded srun -t 5 -p low --no-requeue
for l in srun mpirun; do
  for how in low grace warned; do await 60 under_way "$l-$how" 1; done
done
await 60 under_way succeeded 1
sbatch -p high -N4 --exclusive -t 5 -o /dev/null --wrap 'sleep 1' >preempting
for l in srun mpirun; do
  for how in low grace warned; do
    await 60 stops "$l-$how"
    echo "preempted, $how: $l stopped, $(session "$l-$how" 1 end why)"
  done
  says "$l-low/out" "by SIGTERM" || fail "$l-low: no SIGTERM"
  says "$l-grace/out" "by SIGTERM" || fail "$l-grace: no SIGTERM"
  says "$l-warned/out" "by SIGUSR1" || fail "$l-warned: no SIGUSR1"
done
for l in srun mpirun; do
  for how in low grace warned; do
    eval "job=\$${l}_$how"
    await 60 is_done "$l-$how" "$job"
    says "$l-$how/sets/allocations.jsonl" '"event":"excused"' || fail "$l-$how: not excused"
  done
  undisturbed "$l-low" 264
  undisturbed "$l-grace"
  undisturbed "$l-warned"
done
next=$(sed -n 's/.*its successor is //p' succeeded/out)
await 60 is_done succeeded "$next"
undisturbed succeeded
echo "preempted: to the bits of runs that nothing disturbed"
