#!/bin/sh
# TEST timeout=100 once slow
# What jobs/lib.sh does when Slurm's commands fail, with stubs of them and of the run:
# its sessions are lines in allocations.jsonl. tests/slurm has a real Slurm.
set -eu
# shellcheck source=tests/lib.sh
. "$(dirname "$0")/../lib.sh"
cd "$scratch"
unset SLURM_RESTART_COUNT PBS_JOBID LSB_JOBID TRIREME_CHAIN
export PATH="$scratch/bin:$PATH" TRIREME_HOME="$TRIREME_SOURCE"
export SLURM_JOB_NAME=trireme SLURM_JOB_PARTITION=main SLURM_NNODES=2
export SLURM_JOB_ACCOUNT=physics SLURM_JOB_QOS=long SLURM_MEM_PER_CPU=400

# The commands note how they were called. `away` is how many calls of scontrol fail.
mkdir bin
cat >bin/scontrol <<'END'
#!/bin/sh
echo "scontrol $*" >>calls
away=$(cat away 2>/dev/null || echo 0)
echo $((away - 1)) >away
[ "$away" -le 0 ] || exit 1
case $1 in
  -o) echo "JobId=5 JobState=RUNNING $(cat fields) TimeLimit=06:00:00 x=y" ;;
  requeue) [ ! -e refused ] ;;
esac
END
cat >bin/sbatch <<'END'
#!/bin/sh
echo "sbatch $*" >>calls
echo "chain $TRIREME_CHAIN" >>calls
[ ! -e shut ] && echo "6;cluster"
END
for name in sleep scancel; do printf '#!/bin/sh\necho %s "$@" >>calls\n' $name >bin/$name; done
chmod +x bin/*

# The script of a job; $set_up and $lines come from the case.
cat >job.sbatch <<'END'
. "$TRIREME_HOME/jobs/lib.sh"
set_up() {
  ranks=4 threads=1
  eval "${set_up:-}"
}
launch() {
  echo "launch $*" >>calls
  mkdir -p sets
  printf "${lines:-}" >>sets/allocations.jsonl
}
$how sets heat
END
begin='{"event":"begin"}\n'
saved=$begin'{"event":"end","state":"stopped","status":75}\n'
lost=$begin'{"event":"end","state":"interrupted","status":3}\n'

# slot STATUS WORDS...: a new job 5 in a new place, or with `same` in that of the last
new=yes
slot() {
  want=$1
  shift
  if [ -n "$new" ]; then
    rm -rf place
    mkdir place
    echo "Requeue=1 Reason=None PreemptTime=None" >place/fields
    eval "${before:-}"
  fi
  said="a job with ${before:-no change}; $*"
  status=0
  (cd place && env SLURM_JOB_ID=5 how="${how:-run_until_done}" "$@" \
    bash ../job.sbatch one "two words") >out 2>err </dev/null || status=$?
  [ "$status" = "$want" ] || fail "want exit status $want: $(show_run; cat place/calls)"
}

called() { # TEXT [TIMES]
  [ "$(grep -cF -- "$1" place/calls)" = "${2:-1}" ] ||
    fail "want \"$1\" ${2:-1} times: $(show_run; cat place/calls)"
}

says() {
  grep -qF -- "$1" err || fail "want \"$1\": $(show_run)"
}

# saved, killed, or without time for a checkpoint: in line again
for lines in "$saved" "$begin" "$lost"; do
  slot 75 lines="$lines"
  called "scontrol requeue 5"
  called "sbatch" 0
done
says "had no time for a checkpoint"
slot 3 lines="$begin"'{"event":"end","state":"failed","status":3}\n'
called "scontrol" 0
slot 0 lines="$begin"'{"event":"end","state":"done","status":0}\n'
called "scontrol" 0

# a controller that is away for a while
before='echo 3 >place/away'
slot 75 lines="$saved"
called "scontrol requeue 5"
says "requeued"
before='echo 100 >place/away'
slot 3 lines="$saved"
says "could not be submitted again"
called "sbatch" 0

# requeueing that is refused, or not allowed: a successor, like this job
for before in 'touch place/refused' 'echo "Requeue=0 Reason=None" >place/fields'; do
  slot 75 lines="$saved"
  says "its successor is 6"
  for word in --account=physics --qos=long --partition=main --ntasks=4 --time=06:00:00 \
    --export=ALL --mem-per-cpu=400 --dependency=afterany:5 "job.sbatch one two words" \
    "chain 5"; do
    called "$word"
  done
  called "--array" 0
done
before='touch place/refused place/shut'
slot 3 lines="$saved"
says "could not be submitted again"

# of an array: this task alone
before=
slot 75 lines="$saved" SLURM_ARRAY_JOB_ID=4 SLURM_ARRAY_TASK_ID=2
called "scontrol requeue 4_2"
called "show job 5" 0
before='touch place/refused'
slot 75 lines="$saved" SLURM_ARRAY_JOB_ID=4 SLURM_ARRAY_TASK_ID=2
called "--array=2 "
called "--dependency=afterany:4_2"
called "chain 4_2"

# ended by Slurm: for its time limit alone it goes on from here
before='echo "JobState=COMPLETING Requeue=1 Reason=TimeLimit" >place/fields'
slot 75 lines="$saved"
called "scontrol requeue 5"
before='echo "JobState=COMPLETING Requeue=1 Reason=None" >place/fields'
slot 75 lines="$saved"
says "Slurm has ended this job"
called "scontrol requeue" 0
before='echo "JobState=PREEMPTED Requeue=0 Reason=None" >place/fields'
slot 75 lines="$begin"
says "its successor is 6"
grep -q '"event":"excused","chain":"5"' place/sets/allocations.jsonl || fail "not excused"

# requeued by Slurm: that session does not count; five times at most, and not where
# the script did it
before=
slot 75 lines="$begin"
new=
for n in 1 2 3 4 5 6 7; do
  rm -f place/sets.requeued
  slot 75 lines="$begin" SLURM_RESTART_COUNT=$n
done
[ "$(grep -c excused place/sets/allocations.jsonl)" = 5 ] || fail "$(cat place/sets/allocations.jsonl)"
new=yes
slot 75 lines="$begin"
new=
slot 75 lines="$begin" SLURM_RESTART_COUNT=1
! grep -q excused place/sets/allocations.jsonl || fail "excused though the script requeued it"
new=yes

# a warning while it sets up: nothing is launched; in line again, twice
# shellcheck disable=SC2016 # for the job
early='kill -USR1 $$'
slot 75 set_up="$early"
called "launch" 0
called "scontrol requeue 5"
new=
slot 75 set_up="$early"
slot 3 set_up="$early"
says "the launch failed 3 times"
new=yes

# the same of a launch that fails
slot 75 lines=
new=
slot 75 lines=
slot 3 lines=
new=yes

# a chain: the next job waits; where it could not be submitted before, it is afterwards
how=run_in_chain
slot 75 lines="$lost"
called "sbatch"
called "scancel" 0
slot 0 lines="$begin"'{"event":"end","state":"done","status":0}\n'
called "scancel 6"
before='echo "Requeue=0 Reason=None" >place/fields; touch place/shut'
# shellcheck disable=SC2016
slot 75 lines="$saved" set_up=': ; launch() { rm shut; printf "$lines" >slots; mkdir sets; mv slots sets/allocations.jsonl; }'
says "its successor is 6"

# what is exported by chance does not say how to launch
before=
# shellcheck disable=SC2016
env ranks=9 threads=8 nodes=7 deadline=6 SLURM_JOB_ID=5 SLURM_NTASKS=2 TRIREME="$TRIREME" \
  TRIREME_LAUNCHER=mpirun bash -c '. "$TRIREME_HOME/jobs/lib.sh"; set_up; deadline' >out 2>err
grep -q "^job: 2 x 1 by " err || fail "$(cat err)"
[ "$(cat out)" = auto ] || fail "deadline $(cat out)"

# an array with more tasks than lines
SLURM_ARRAY_TASK_ID=9 bash "$TRIREME_SOURCE/jobs/sweep.sbatch" 2>err && fail "line 9"
says "no line 9 of parameters"
