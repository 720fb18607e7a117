#!/bin/sh
# TEST timeout=600 lock=slurm cost=120 slow once
# The scripts of jobs/ that the other tests leave out, submitted to a real Slurm: run
# (by both launchers, bound to cores, and killed for memory), sweep, chain, the studies;
# and scripts that `trireme job` prints.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/slurm/lib.sh
. "$(dirname "$0")/lib.sh"
start_cluster

small='s/--n 128/--n 24 --quiet/; s/--steps 1000\b/--steps 50/'

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
long chain chain.sbatch
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
for l in '' mpirun; do same_bits "run$l/result.jsonl" --n 24 --steps 50; done
echo "run: on 4 ranks of 2 hosts, by srun and by mpirun"

# shellcheck disable=SC2086 # a list of numbers
for job in $good; do await 40 ended_with "$job" 0; done
for shape in 1x2 2x1; do
  says good${shape}mpirun/out "PE=${shape#*x} --bind-to core" || [ "$(nproc)" -lt 2 ] ||
    fail "not bound: $(cat good${shape}mpirun/out)"
  [ "$(nproc)" -lt 2 ] || ! grep -E '^doctor: (oversub|core|thread)' good$shape*/out ||
    fail "not no problems found"
done
echo "run: the doctor is silent about ranks and threads"

await 40 under_way chain 1
scancel --batch --signal=USR1 "$chain"
await 20 ended_with "$chain" 75
next=$(sed -n 's/.*the next job: //p' chain/out)
await 40 ended_with "$next" 0
undisturbed chain
third=$(sed -n 's/.*the next job: //p' "chain/chain-$next.out")
await 10 is_in "$third" CANCELLED
echo "chain: $chain, $next; $third was not needed"

await 40 ended_with "$much" 137
says much/out "exceeded memory limit" || fail "memory: $(cat much/out)"
for i in 1 2 3 4; do await 60 is_in "${array}_$i" COMPLETED; done
[ "$(cat array/sweep/*.jsonl | wc -l)" = 4 ] || fail "array: $(ls array/sweep)"
same_bits array/sweep/1.jsonl --n 24 --steps 50 --nu 0.05
[ "$(key array/sweep/1.jsonl fingerprint)" != "$(key array/sweep/2.jsonl fingerprint)" ] ||
  fail "array: one parameter for two"
echo "array: 4 lines"

for job in "$once" "$slots"; do
  await 40 ended_with "$job" 0
  shows "$job" 'Partition=high .*NumNodes=2 .*NumTasks=4 ' || fail "$(scontrol show job "$job")"
done
[ "$(session slots 1 end state)" = "done" ] || fail "job: $(cat slots/out)"
same_bits once/result.jsonl --n 40 --steps 200
same_bits slots/result.jsonl --n 40 --steps 300
echo "job: printed, submitted, done"

# studies: in one job, and with a job for each launch
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

# binding, in a cluster whose one node has the CPUs of this machine: each rank has cores
# of its own, and all that it has threads for
[ "$(nproc)" -ge 2 ] || {
  echo "not tested: binding, on a machine of one core"
  exit 0
}
sh "$cluster" stop "$scratch/c"
one_cluster b CLUSTER_NODES=1 CLUSTER_CPUS=2 CLUSTER_TASKS=affinity
for shape in 2x1 1x2; do
  mkdir "bound$shape"
  # shellcheck disable=SC2016 # for the job
  edited run.sbatch -e 's/^run_once.*/set_up; launch "$trireme" doctor/' \
    -e '/ntasks-per-node/d; s/--nodes=2/--nodes=1/' >"bound$shape/job.sbatch"
  submit "bound$shape" srun -n ${shape%x*} -c ${shape#*x}
  await 30 ended_with "$job" 0
  cores=$(sed -n 's/^ *rank [0-9], .* cores\{0,1\} //p' "bound$shape/out" | sort | xargs)
  echo "bound by srun: $shape to cores $cores"
  case $shape:$cores in
    "2x1:0 1" | "1x2:0-1" | "1x2:0,1") ;;
    *) fail "bound to other cores: $(cat "bound$shape/out")" ;;
  esac
done
