# shellcheck shell=sh disable=SC2034,SC2154
# Sourced by the tests of jobs, after tests/lib.sh: a private Slurm that stops with the
# test, and jobs of it. The working directory is $scratch.
cluster=$TRIREME_SOURCE/tests/slurm/cluster.sh
export TRIREME_HOME="$TRIREME_SOURCE" PATH="/usr/local/sbin:/usr/sbin:/sbin:$PATH"
cd "$scratch" || exit 3
unset OMPI_MCA_btl # several hosts
unset OMPI_MCA_odls_base_sigkill_timeout # signals as mpirun passes them on
# jobs take the variables along
export TRM_FAULT="$gently"
chmod 755 "$scratch" # munged wants it

# start_cluster: or say why not, and end the test
start_cluster() {
  [ -z "$TRIREME_SANITIZE" ] || skip "a Slurm is too slow with sanitizers"
  [ "$(id -u)" = 0 ] || skip "a private Slurm must be started by root"
  for tool in slurmctld slurmd srun sbatch munged mungekey unshare; do
    command -v $tool >/dev/null || skip "no $tool; want slurmctld, slurmd, munge"
  done
  unset SLURM_JOB_ID PBS_JOBID LSB_JOBID
  trap stop_clusters EXIT
  one_cluster c
}

# one_cluster NAME [NAME=VALUE...]: one more, which is asked from now on
one_cluster() {
  name=$1
  shift
  clusters="$clusters $name"
  env CLUSTER_OWNER=$$ "$@" sh "$cluster" start "$scratch/$name" || fail "no Slurm"
  eval "$(sh "$cluster" env "$scratch/$name")"
}

clusters=
stop_clusters() {
  code=$?
  trap - EXIT
  for name in $clusters; do
    [ -e "$scratch/$name/run/munged" ] || continue
    sh "$cluster" stop "$scratch/$name" || code=1
    [ -z "$(ls "$scratch/$name/run" 2>/dev/null)" ] || code=1
  done
  clean_up
  exit $code
}

# edited SCRIPT SED...: a script of jobs/ after its user has edited it, on stdout
edited() {
  file=$TRIREME_SOURCE/jobs/$1
  shift
  sed "$@" "$file"
}

# long NAME SCRIPT SED...: NAME/job.sbatch, a run that stops once, or as often as
# NAME/slots says; the session after that makes 100 steps more, and is the last. How many
# steps that are is in NAME/steps.
long() {
  name=$1
  script=$2
  shift 2
  mkdir -p "$name"
  echo 1 >"$name/slots"
  echo 1000000000 >"$name/steps"
  cat >"$name/steps.sh" <<'END'
step=$(grep '"state":"stopped"' sets/allocations.jsonl 2>/dev/null |
  sed -n "$(cat slots)s/.*\"step\":\([0-9]*\).*/\1/p")
[ -z "$step" ] || echo $((step + 100)) >steps
cat steps
END
  # shellcheck disable=SC2016 # for the job
  edited "$script" -e 's/--n 128 --steps 100000/--n 40 --quiet --steps $(sh steps.sh)/' \
    -e 's/^\(#SBATCH --ntasks-per-node=\).*/\11/' "$@" >"$name/job.sbatch"
  says "$name/job.sbatch" "steps.sh" || fail "$script has changed"
}

# submit NAME LAUNCHER WORDS...: NAME/job.sbatch in NAME/; sets $job
submit() {
  place=$1
  launcher=$2
  shift 2
  job=$(cd "$place" && TRIREME_LAUNCHER=$launcher sbatch --parsable -o out "$@" job.sbatch) ||
    fail "$place: not submitted"
}

state() { # JOB
  squeue -h -t all -j "$1" -o %T 2>/dev/null | head -n 1
}

# await SECONDS COMMAND...: until it succeeds, or the test fails; other jobs of a busy
# machine may be first, so it waits three times as long
await() {
  waited=0 waits=$(($1 * 15))
  shift
  until "$@"; do
    waited=$((waited + 1))
    [ $waited -lt $waits ] || {
      tail -n 30 ./*/out ./*/*/out c/log/slurmctld.log >&2 || true
      fail "waited in vain: $*"
    }
    sleep 0.2
  done
}

is_in() { # JOB STATE
  [ "$(state "$1")" = "$2" ]
}

shows() { # JOB PATTERN: as scontrol has it, in one line
  scontrol -o show job "$1" 2>/dev/null | grep -q -- "$2"
}

ended_with() { # JOB STATUS: is it over, with this exit status?
  shows "$1" "JobState=\(COMPLETED\|FAILED\) .*ExitCode=$2:0"
}

says() { # FILE TEXT [TIMES]
  found=$(grep -cF -- "$2" "$1" 2>/dev/null) || true
  [ "${found:-0}" -ge "${3:-1}" ]
}

# session PLACE N EVENT KEY: of the N-th session of the run in PLACE/sets
session() {
  [ -e "$1/sets/allocations.jsonl" ] || return
  /usr/bin/python3 -ES - "$1/sets/allocations.jsonl" "$2" "$3" "$4" <<'END'
import json, sys
file, n, event, key = sys.argv[1:]
begun, value = 0, ""
for line in open(file):
    line = json.loads(line)
    begun += line["event"] == "begin"
    if begun == int(n) and line["event"] == event:
        value = line[key]
print(value)
END
}

began() { # PLACE N: has the N-th session begun?
  says "$1/sets/allocations.jsonl" '"event":"begin"' "$2"
}

under_way() { # PLACE N: has it, and is it beyond its first step?
  began "$1" "$2" || return 1
  step=$("$TRIREME" status "$1/sets" | sed -n 's/^  step *\([0-9]*\).*/\1/p')
  [ "${step:-0}" -gt "$(session "$1" "$2" begin step)" ]
}

newest_step() { # PLACE: of its checkpoints
  "$TRIREME" ckpt ls "$1/sets" | sed -n 's/^[^ ]*\.h5 *\([0-9]*\) .*/\1/p' | head -n 1
}

# stops NAME [SESSION]: has it ended with a checkpoint?
stops() {
  ended=$(session "$1" "${2:-1}" end status)
  [ -z "$ended" ] || [ "$ended" = 75 ] || fail "$1: exit status $ended: $(cat "$1/out")"
  [ -n "$ended" ]
}

# is_done NAME JOB: it went on where it stopped, to the end
is_done() {
  ended_with "$2" 0 || return 1
  [ "$(session "$1" 1 end step)" = "$(session "$1" 2 begin step)" ] ||
    fail "$1: began at another step than it stopped at"
}

# same_bits RESULT OPTIONS...: has it the fingerprint of a run on one rank without Slurm?
same_bits() {
  result=$1
  shift
  calm=calm$(echo " $*" | tr ' ' _).jsonl
  if [ ! -e "$calm" ]; then
    TRM_FAULT="" mpi 1 run heat --quiet --threads 1 "$@" --result "$calm"
    expect_exit 0
  fi
  [ "$(key "$result" fingerprint)" = "$(key "$calm" fingerprint)" ] ||
    fail "$result: another fingerprint than with $*"
  [ "$(key "$result" verified)" = true ] || fail "$result: not verified"
}

# undisturbed NAME [N]: the run in NAME has the bits of one that nothing disturbed
undisturbed() {
  same_bits "$1/result.jsonl" --n "${2:-40}" --steps "$(cat "$1/steps")"
}
