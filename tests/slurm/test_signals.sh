#!/bin/sh
# TEST timeout=900 lock=slurm
# Signals of a real Slurm reach every rank, under srun and under mpirun: USR1 to the
# steps, USR1 to the batch script, preemption with and without grace. Each stops the
# run with a checkpoint, and the job goes on from there.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
# shellcheck source=tests/slurm/lib.sh
. "$(dirname "$0")/lib.sh"
start_cluster

# endless SCRIPT NAME SED...: NAME/job.sbatch that never comes to its end
endless() {
  script=$1
  name=$2
  shift 2
  mkdir "$name"
  edited "$script" -e 's/--steps 100000/--steps 1000000000 --quiet/; s/--n 128/--n 40/' \
    -e 's/^#SBATCH --ntasks-per-node=.*/#SBATCH --ntasks-per-node=1/' "$@" >"$name/job.sbatch"
  says "$name/job.sbatch" "--steps 1000000000" || fail "$script has changed"
}

# goes_on NAME: its first session stopped well, and the second began where it stopped
goes_on() {
  began "$1" 2 || return 1
  [ "$(session "$1" 1 end status)" = 75 ] ||
    fail "$1: exit status $(session "$1" 1 end status): $(cat "$1/out")"
  [ "$(session "$1" 1 end step)" = "$(session "$1" 2 begin step)" ] ||
    fail "$1: began at another step than it stopped at"
  says "$1/out" "resumed     at step $(session "$1" 2 begin step)"
}

for l in srun mpirun; do
  for to in steps batch; do
    endless long.sbatch "$l-$to"
    submit "$l-$to" $l -t 5
    eval "${l}_$to=$job"
  done
done
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
    await 40 goes_on "$l-$to"
    says "$l-$to/out" "by SIGUSR1" || fail "$l-$to: $(cat "$l-$to/out")"
    eval "scancel \$${l}_$to"
    echo "USR1 to the $to: $l stopped and goes on"
  done
done

# Preemption: `low` has no grace time, its jobs get SIGTERM and 8 s, of which their
# checkpoint takes more than the one that mpirun would leave; `grace` has 20 s, which begin
# with SIGTERM to the ranks alone, or with the signal of --signal.
large='s/--n 40/--n 264/'
plain='/^#SBATCH --signal/d'
for l in srun mpirun; do
  endless preemptible.sbatch "$l-low" -e "$plain" -e "$large"
  submit "$l-low" $l -t 5 -p low
  endless preemptible.sbatch "$l-grace" -e "$plain"
  submit "$l-grace" $l -t 5 -p grace
  endless preemptible.sbatch "$l-warned"
  submit "$l-warned" $l -t 5 -p grace
done
for l in srun mpirun; do
  for how in low grace warned; do await 60 under_way "$l-$how" 1; done
done
sbatch -p high -N4 --exclusive -t 5 -o /dev/null --wrap 'sleep 1' >preempting
for l in srun mpirun; do
  for how in low grace warned; do
    await 60 goes_on "$l-$how"
    echo "preempted, $how: $l stopped and goes on, $(session "$l-$how" 1 end why)"
  done
  says "$l-low/out" "by SIGTERM" || fail "$l-low: no SIGTERM"
  says "$l-grace/out" "by SIGTERM" || fail "$l-grace: no SIGTERM"
  says "$l-warned/out" "by SIGUSR1" || fail "$l-warned: no SIGUSR1"
done
