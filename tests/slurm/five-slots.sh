#!/bin/sh
# Makes jobs/allocations.jsonl and jobs/allocations.svg: a run through five slots of a private Slurm,
# which ends one by its time limit, gives one's hosts to a job of higher priority, and
# loses a host. Not a test; run it as tests are: sh tests/slurm/five-slots.sh
set -eu
TRIREME_SOURCE=$(cd "$(dirname "$0")/../.." && pwd)
TRIREME=${TRIREME:-$TRIREME_SOURCE/build/trireme}
# shellcheck source=tests/lib.sh
. "$TRIREME_SOURCE/tests/lib.sh"
# shellcheck source=tests/slurm/lib.sh
. "$TRIREME_SOURCE/tests/slurm/lib.sh"
start_cluster

mkdir run
echo 1000000000 >run/steps
# shellcheck disable=SC2016 # for the job
edited preemptible.sbatch -e 's/--n 128 --steps 100000/--n 48 --quiet --steps $(cat steps)/' \
  -e 's/--every auto --mtbf 1h/--every 3s/' >run/job.sbatch

ended() { # SESSION
  began run "$1" && [ "$(session run "$1" end status)" = 75 ]
}

others() { # SECONDS: have all hosts
  sbatch -p high -N4 --exclusive -t 5 -o /dev/null --wrap "sleep $1"
}

submit run '' -t 1 -p low
await 60 ended 1
scontrol update jobid="$job" timelimit=9
others 12
await 60 under_way run 2
sleep 9
others 25
await 60 ended 2
await 60 under_way run 3
sleep 7
lost=$(scontrol show hostnames "$(squeue -h -j "$job" -o %N)" | tail -n 1)
sh "$cluster" node-down "$scratch/c" "$lost"
await 60 under_way run 4
sh "$cluster" node-up "$scratch/c" "$lost"
sleep 12
others 8
await 60 ended 4
echo $(($(session run 4 end step) + 3000)) >run/steps
await 90 is_in "$job" COMPLETED
cp run/sets/allocations.jsonl "$TRIREME_SOURCE/jobs/allocations.jsonl"
sh "$TRIREME_SOURCE/jobs/allocations.sh" "$TRIREME_SOURCE/jobs/allocations.jsonl" \
  "$TRIREME_SOURCE/jobs/allocations.svg"
