#!/bin/sh
# TEST timeout=900 lock=slurm
# A run goes through several slots of a real Slurm to the bits of a run that nothing
# disturbed: by the time limit, by requeueing and by successors, over a node that dies.
# What is done, cancelled or has failed is not submitted again.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/slurm/lib.sh
. "$(dirname "$0")/lib.sh"
start_cluster

# long NAME: a job that goes on until the file `steps` says otherwise
long() {
  mkdir "$1"
  echo 1000000000 >"$1/steps"
  # shellcheck disable=SC2016 # for the job
  edited long.sbatch -e 's/--n 128 --steps 100000/--n 40 --quiet --steps $(cat steps)/' \
    >"$1/job.sbatch"
  says "$1/job.sbatch" "cat steps" || fail "long.sbatch has changed"
}

# last_steps NAME SESSION: so many more, from the end of that session, and it is done
last_steps() {
  last=$(($(session "$1" "$2" end step) + 100))
  echo "$last" >"$1/steps"
}

# undisturbed NAME STEPS: the run in NAME has the bits of one on 1 rank without Slurm
undisturbed() {
  rm -f calm.jsonl
  mpi 1 run heat --n 40 --threads 1 --quiet --steps "$2" --result calm.jsonl
  expect_exit 0
  [ "$(key "$1/result.jsonl" fingerprint)" = "$(key calm.jsonl fingerprint)" ] ||
    fail "$1: another fingerprint after $2 steps"
  [ "$(key "$1/result.jsonl" verified)" = true ] || fail "$1: not verified"
}

stopped() { # NAME SESSION
  [ "$(session "$1" "$2" end status)" = 75 ]
}

# the time limit: a minute, of which Slurm gives warning when it next looks, at most half
# a minute after the start; in the meantime the others
long limit
submit limit srun -t 1 -x n3,n4 # those will die
minute=$job

# where requeueing is not allowed: successors
long next
submit next mpirun -t 5 --no-requeue
first=$job
await 20 under_way next 1
scancel --batch --signal=USR1 "$first"
await 20 says next/out "its successor is"
second=$(sed -n 's/.*its successor is //p' next/out)
last_steps next 1
await 20 is_in "$first" FAILED # by its exit status: 75
echo "successor: $second after $first"

# a node dies
for l in srun mpirun; do
  long node-$l
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
undisturbed next "$last"
await 40 stopped limit 1
says limit/out "by SIGUSR1" || says limit/out "by the deadline" || fail "$(cat limit/out)"

# cancelled: it saves, and stays cancelled
long gone
submit gone srun -t 5
await 20 under_way gone 1
scancel "$job"
await 20 stopped gone 1
await 20 is_in "$job" CANCELLED
says gone/out "not requeued from here" || fail "cancelled: $(cat gone/out)"

# without progress: three sessions that began where this one does
line=$(grep '"begin"' gone/sets/slots.jsonl)
step=$(session gone 1 end step)
for _ in 1 2 3; do
  echo "$line" | sed "s/\"step\":0/\"step\":$step/" >>gone/sets/slots.jsonl
done
submit gone srun -t 5
await 30 is_in "$job" FAILED
says gone/out "no progress" || fail "no progress: $(cat gone/out)"
scontrol show job "$job" | grep -q 'ExitCode=3:0' || fail "no progress: another status"

# bad input
long bad
sed -i 's/--quiet/--quiet --nu 7/' bad/job.sbatch
submit bad mpirun -t 5
await 20 is_in "$job" FAILED
says bad/out "exit status 2: bad input" || fail "bad input: $(cat bad/out)"
scontrol show job "$job" | tr '\n' ' ' | grep -q 'Restarts=0 .*ExitCode=2:0' || fail "bad: $(state "$job")"

for l in srun mpirun; do
  eval "job=\$node_$l"
  await 60 is_in "$job" COMPLETED
  steps=$(key node-$l/result.jsonl steps)
  undisturbed node-$l "$steps"
  [ "$(session node-$l 1 end status)" = "" ] || fail "node-$l: not killed"
  says node-$l/sets/slots.jsonl '"lost":{"at":' || fail "node-$l: not said where it was lost"
done

# the next slot of the first job is its last, and at least its third
n=$(grep -c '"begin"' limit/sets/slots.jsonl)
[ "$n" -gt 2 ] || n=2
await 60 stopped limit "$n"
last_steps limit "$n"
await 30 is_in "$minute" COMPLETED
[ "$(session limit $((n + 1)) end state)" = "done" ] || fail "not done in its last slot"
undisturbed limit "$last"
scontrol show job "$minute" | grep -q "Restarts=$n" || fail "requeued though it was done"
submit limit mpirun -t 1
await 20 is_in "$job" COMPLETED
echo "slots: $last steps in $((n + 1)) slots"
