#!/bin/sh
# TEST timeout=900 lock=slurm
# The scripts of jobs/ that the other tests leave out, submitted to a real Slurm: run
# (by both launchers, and killed for memory), sweep, chain, the studies; and scripts that
# `trireme job` prints.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/slurm/lib.sh
. "$(dirname "$0")/lib.sh"
start_cluster

small='s/--n 128/--n 24 --quiet/; s/--steps 1000\b/--steps 50/'

# ended_with JOB STATUS: the exit status of a job that is over
ended_with() {
  scontrol show job "$1" 2>/dev/null | tr '\n' ' ' |
    grep -q "JobState=\(COMPLETED\|FAILED\) .*ExitCode=$2:0"
}

fingerprint_of() { # RESULT OPTIONS...: is it that of a run on one rank?
  result=$1
  shift
  rm -f calm.jsonl
  mpi 1 run heat --quiet --threads 1 "$@" --result calm.jsonl
  expect_exit 0
  [ "$(key "$result" fingerprint)" = "$(key calm.jsonl fingerprint)" ] ||
    fail "$result: another fingerprint"
}

# run: with the launcher that is found, which is srun here, and with mpirun
for l in '' mpirun; do
  mkdir "run$l"
  edited run.sbatch -e "$small" >"run$l/job.sbatch"
done
submit run ''
run=$job
submit runmpirun mpirun
by_mpirun=$job

# on a host that is not shared out twice the doctor is silent about ranks and threads
for shape in 1x2 2x1; do
  for l in srun mpirun; do
    mkdir "good$shape$l"
    edited run.sbatch -e "$small" -e '/ntasks-per-node/d; s/--nodes=2/--nodes=1/' \
      >"good$shape$l/job.sbatch"
    submit "good$shape$l" $l -n ${shape%x*} -c ${shape#*x}
    good="${good:-} $job"
  done
done

# a rank that takes more memory than was asked for
mkdir much
edited run.sbatch -e 's/--n 128/--n 300 --quiet/; s/400M/60M/' >much/job.sbatch
submit much srun
much=$job

# an array
mkdir array
edited sweep.sbatch -e "$small" >array/job.sbatch
submit array srun -o %a.out
array=$job

# a chain: stopped once, done in the next job, the third is not needed
mkdir chain
echo 1000000000 >chain/steps
# shellcheck disable=SC2016 # for the job
edited chain.sbatch -e 's/--n 128 --steps 100000/--n 24 --quiet --steps $(cat steps)/' \
  >chain/job.sbatch
submit chain mpirun -t 5
chain=$job

# printed scripts: one run, and one in slots
write_machine machine.json
echo "cores = 2
memory = 1.9 # GiB
machine = $PWD/machine.json
partition = high" >site
# printed NAME WORDS...: submit what `trireme job` prints
printed() {
  mkdir "$1"
  place=$1
  shift
  alone job heat --n 40 --quiet --result result.jsonl --ranks 4 --site site "$@"
  expect_exit 0
  cp out "$place/job.sbatch"
  submit "$place" ''
}
printed once --steps 200
once=$job
printed slots --steps 300 --checkpoint sets --time 3min
slots=$job

await 40 ended_with "$run" 0
says run/out "by srun --mpi=pmix" || fail "srun works here: $(cat run/out)"
await 40 ended_with "$by_mpirun" 0
for l in '' mpirun; do fingerprint_of "run$l/result.jsonl" --n 24 --steps 50; done
echo "run: on 4 ranks of 2 hosts, by srun and by mpirun"

# shellcheck disable=SC2086 # a list of numbers
for job in $good; do await 40 ended_with "$job" 0; done
for shape in 1x2 2x1; do
  says good${shape}mpirun/out "PE=${shape#*x} --bind-to core" || [ "$(nproc)" -lt 2 ] ||
    fail "not bound: $(cat good${shape}mpirun/out)"
  [ "$(nproc)" -lt 2 ] || ! grep -E '^doctor: (oversub|core|thread)' good$shape*/out ||
    fail "not a good launch"
done
echo "run: the doctor is silent about ranks and threads"

await 40 under_way chain 1
scancel --batch --signal=USR1 "$chain"
await 20 ended_with "$chain" 75
last=$(($(session chain 1 end step) + 50))
echo $last >chain/steps
next=$(sed -n 's/.*the next slot: job //p' chain/out)
await 40 ended_with "$next" 0
fingerprint_of chain/result.jsonl --n 24 --steps $last
third=$(sed -n 's/.*the next slot: job //p' "chain/trireme-$next.out")
await 10 is_in "$third" CANCELLED
echo "chain: $chain, $next; $third was not needed"

await 40 ended_with "$much" 137
says much/out "exceeded memory limit" || fail "memory: $(cat much/out)"
for i in 1 2 3 4; do await 60 is_in "${array}_$i" COMPLETED; done
[ "$(cat array/sweep/*.jsonl | wc -l)" = 4 ] || fail "array: $(ls array/sweep)"
fingerprint_of array/sweep/1.jsonl --n 24 --steps 50 --nu 0.05
[ "$(key array/sweep/1.jsonl fingerprint)" != "$(key array/sweep/2.jsonl fingerprint)" ] ||
  fail "array: one parameter for two"
echo "array: 4 lines"

for job in "$once" "$slots"; do
  await 40 ended_with "$job" 0
  scontrol show job "$job" | tr '\n' ' ' |
    grep -q 'Partition=high .*NumNodes=2 .*NumTasks=4 ' || fail "$(scontrol show job "$job")"
done
[ "$(session slots 1 end state)" = "done" ] || fail "job: $(cat slots/out)"
fingerprint_of once/result.jsonl --n 40 --steps 200
fingerprint_of slots/result.jsonl --n 40 --steps 300
echo "job: printed, submitted, done"

# studies: in one job, and with a job for each launch
if ! "$TRIREME" help | grep -q '^  study '; then
  echo "skipped: this driver has no study"
  exit 0
fi
mkdir strong weak
quick='s/--budget 40min/--repeat 1 --settle none --quiet/; s/--n 256 --steps 100/--n 24 --steps 50/'
edited strong-scaling.sbatch -e "$quick" >strong/job.sbatch
submit strong ''
strong=$job
edited weak-scaling.sbatch -e "$quick" -e 's/1,2,4/1,2/' >weak/job.sbatch
(cd weak && timeout 120 bash job.sbatch points) >weak/out 2>&1 || fail "$(cat weak/out)"
await 60 ended_with "$strong" 0
[ "$(wc -l <strong/strong/launches.jsonl)" = 3 ] || fail "strong: $(cat strong/out)"
[ "$(wc -l <weak/weak/launches.jsonl)" = 2 ] || fail "weak: $(cat weak/out)"
for study in strong/strong weak/weak; do
  ! grep -v '"status":0' $study/launches.jsonl || fail "$study: launches failed"
done
[ "$(find weak/weak.jobs -name '*.out' | wc -l)" = 2 ] || fail "weak: not a job a launch"
echo "studies: in one job, and with a job a launch"
