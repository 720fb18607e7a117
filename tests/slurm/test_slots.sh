#!/bin/sh
# TEST timeout=600 lock=slurm cost=200 slow once
# A run goes through several slots of a real Slurm to the bits of a run that nothing
# disturbed: by time limits of every kind, by requeueing and by successors, as a task of
# an array, over a node that dies. What is done, cancelled, has failed or gets nowhere is
# not submitted again.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/slurm/lib.sh
. "$(dirname "$0")/lib.sh"
export CLUSTER_CPUS=8 CLUSTER_MEMORY=8000
start_cluster
lasting="-x n3,n4" # the others will die
plain='/^#SBATCH --signal/d'

# the time limit: a minute, of which Slurm gives warning when it next looks, at most half
# a minute after the start; in the meantime the others
long limit long.sbatch
echo 2 >limit/slots
# shellcheck disable=SC2086 # words
submit limit srun -t 1 $lasting
minute=$job

# a limit without a warning, which the run knows of by itself
long alone long.sbatch -e "$plain"
# shellcheck disable=SC2086
submit alone mpirun -t 1 $lasting
alone_in_time=$job

# a limit that neither warns nor is known
long hard long.sbatch -e "$plain" -e 's/^modules=.*/TRIREME_WALLTIME=86400/'
# shellcheck disable=SC2086
submit hard srun -t 5 $lasting
hard=$job
await 20 under_way hard 1
scontrol update jobid="$hard" endtime=now+2

# more memory than was asked for, and killed in its first checkpoint each time: again, but
# not for ever; with mpirun the ranks beside the script share its memory, and its end
# shellcheck disable=SC2016 # for the job
long worn long.sbatch -e 's/^modules=.*/export TRM_FAULT=write:1:kill,$TRM_FAULT/; s/--every auto/--every 50/'
# shellcheck disable=SC2086
submit worn srun -t 5 $lasting
worn=$job
much_srun='' much_mpirun=''
for l in srun mpirun; do
  long much-$l long.sbatch -e 's/--n 40/--n 300/; s/400M/60M/'
  # shellcheck disable=SC2086
  submit much-$l $l -t 5 $lasting
  eval "much_$l=$job"
done

# where requeueing is not allowed: successors
long next long.sbatch
# shellcheck disable=SC2086
submit next mpirun -t 5 --no-requeue $lasting
first=$job
await 20 under_way next 1
scancel --batch --signal=USR1 "$first"
await 20 says next/out "its successor is"
second=$(sed -n 's/.*its successor is //p' next/out)
await 20 is_in "$first" FAILED # by its exit status: 75
echo "successor: $second after $first"

# an array: the task that is stopped goes on, the other is left alone
for task in 1 2; do
  long array/$task long.sbatch
done
# shellcheck disable=SC2016 # for the job
sed 's/^run_until_done/cd "$SLURM_ARRAY_TASK_ID" || exit 3; &/' array/1/job.sbatch \
  >array/job.sbatch
# shellcheck disable=SC2086
submit array srun -t 5 --array=1-2 -J array -o %a/out $lasting
array=$job
for task in 1 2; do await 30 under_way array/$task 1; done
scancel --batch --signal=USR1 "${array}_2"
await 30 stops array/2
await 40 is_done array/2 "${array}_2"
undisturbed array/2
[ "$(squeue -h -r -t all -n array -o %i | wc -l)" = 2 ] || fail "array: more tasks than two"
shows "${array}_1" "Restarts=0 .*JobState=RUNNING\|JobState=RUNNING .*Restarts=0" ||
  fail "array: the other task was not left alone"
scancel "$array"
echo "array: one of two tasks in two slots"

# a node dies
for l in srun mpirun; do
  long node-$l long.sbatch
  submit node-$l $l -t 5 -w n3,n4
  eval "node_$l=$job"
  await 20 under_way node-$l 1
  touch node-$l/sets/checkpoint-now
  wait_for "node-$l/sets/*.h5"
  sh "$cluster" node-down "$scratch/c" n4
  echo $(($(newest_step node-$l) + 100)) >node-$l/steps
  scontrol update jobid="$job" reqnodelist=
  await 30 began node-$l 2
  sh "$cluster" node-up "$scratch/c" n4
  echo "node: n4 died under job $job"
done

await 20 is_in "$second" COMPLETED
undisturbed next
await 40 stops limit
says limit/out "by SIGUSR1" || says limit/out "by the deadline" || fail "$(cat limit/out)"

await 40 stops hard
says hard/out "by SIGTERM" || fail "hard: $(cat hard/out)"
echo "limit: without a warning, requeued"

# the second slot of the first job ends by a signal: its minute proves nothing more; it
# may have been warned already, and be in the queue again
await 60 under_way limit 2
scancel --batch --signal=USR1 "$minute" || true

# cancelled: it saves, and stays cancelled
long gone long.sbatch
submit gone srun -t 5
await 20 under_way gone 1
scancel "$job"
await 20 stops gone
await 20 is_in "$job" CANCELLED
says gone/out "not requeued from here" || fail "cancelled: $(cat gone/out)"

# without progress: three sessions of this attempt that began where this one does
line=$(grep '"begin"' gone/sets/allocations.jsonl)
step=$(session gone 1 end step)
for _ in 1 2 3; do
  echo "$line" | sed "s/\"step\":0/\"step\":$step/; s/\"chain\":\"[^\"]*\"/\"chain\":\"gone\"/" \
    >>gone/sets/allocations.jsonl
done
submit gone srun -t 5 --export=ALL,TRIREME_CHAIN=gone
await 30 ended_with "$job" 3
says gone/out "no progress" || fail "no progress: $(cat gone/out)"

# bad input
long bad long.sbatch -e 's/--quiet/--quiet --nu 7/'
submit bad mpirun -t 5
await 20 ended_with "$job" 2
says bad/out "exit status 2: bad input" || fail "bad input: $(cat bad/out)"
shows "$job" Restarts=0 || fail "bad: requeued"

for l in srun mpirun; do
  eval "job=\$node_$l"
  await 60 ended_with "$job" 0
  undisturbed node-$l
  [ "$(session node-$l 1 end status)" = "" ] || fail "node-$l: not killed"
  says node-$l/sets/allocations.jsonl '"lost":{"at":' || fail "node-$l: not said where it was lost"
  says much-$l/out "exceeded memory limit" || fail "memory: $(cat much-$l/out)"
done
await 60 ended_with "$much_srun" 3
shows "$much_srun" Restarts=2 || fail "memory: $(cat much-srun/out)"
await 10 is_in "$much_mpirun" FAILED
await 60 ended_with "$worn" 3
shows "$worn" Restarts=2 || fail "worn: $(cat worn/out)"
says worn/out "no progress" || fail "worn: $(cat worn/out)"
echo "memory and kills: not for ever"

await 60 stops alone
says alone/out "by the deadline" || fail "alone: $(cat alone/out)"
await 30 is_done hard "$hard"
undisturbed hard
await 30 is_done alone "$alone_in_time"
undisturbed alone

await 60 stops limit 2
await 60 ended_with "$minute" 0
[ "$(session limit 3 end state)" = "done" ] || fail "not done in its third slot"
undisturbed limit
shows "$minute" Restarts=2 || fail "requeued though it was done"
submit limit mpirun -t 1
await 20 ended_with "$job" 0
echo "slots: $(cat limit/steps) steps in 3 slots"
