# shellcheck shell=sh disable=SC2034,SC2154
# Sourced by the tests of jobs, after tests/lib.sh: a private Slurm that stops with the
# test, and jobs of it. The working directory is $scratch.
cluster=$TRIREME_SOURCE/tests/slurm/cluster.sh
export TRIREME_HOME="$TRIREME_SOURCE" PATH="/usr/local/sbin:/usr/sbin:/sbin:$PATH"
cd "$scratch" || exit 3
chmod 755 "$scratch" # munged wants it

# start_cluster: or say why not, and end the test
start_cluster() {
  [ -z "$TRIREME_SANITIZE" ] || skip "a Slurm is too slow with sanitizers"
  [ "$(id -u)" = 0 ] || skip "a private Slurm must be started by root"
  for tool in slurmctld slurmd srun sbatch munged mungekey unshare; do
    command -v $tool >/dev/null || skip "no $tool; want slurmctld, slurmd, munge"
  done
  unset SLURM_JOB_ID PBS_JOBID LSB_JOBID
  CLUSTER_OWNER=$$ sh "$cluster" start "$scratch/c" || fail "no Slurm"
  trap stop_cluster EXIT
  eval "$(sh "$cluster" env "$scratch/c")"
}

stop_cluster() {
  code=$?
  trap - EXIT
  sh "$cluster" stop "$scratch/c" || code=1
  [ -z "$(ls "$scratch/c/run" 2>/dev/null)" ] || code=1
  clean_up
  exit $code
}

# edited SCRIPT SED...: a script of jobs/ after its user has edited it, on stdout
edited() {
  file=$TRIREME_SOURCE/jobs/$1
  shift
  sed "$@" "$file"
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

# await SECONDS COMMAND...: until it succeeds, or the test fails; twice as long on a
# machine that is busy
await() {
  waited=0 waits=$(($1 * 15)) # three times as long: other jobs may be first
  shift
  until "$@"; do
    waited=$((waited + 1))
    [ $waited -lt $waits ] || {
      tail -n 30 ./*/out c/log/slurmctld.log >&2 || true
      fail "waited in vain: $*"
    }
    sleep 0.2
  done
}

is_in() { # JOB STATE
  [ "$(state "$1")" = "$2" ]
}

says() { # FILE TEXT [TIMES]
  found=$(grep -cF -- "$2" "$1" 2>/dev/null) || true
  [ "${found:-0}" -ge "${3:-1}" ]
}

# session PLACE N EVENT KEY: of the N-th session of the run in PLACE/sets
session() {
  /usr/bin/python3 - "$1/sets/slots.jsonl" "$2" "$3" "$4" <<'END'
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
  says "$1/sets/slots.jsonl" '"event":"begin"' "$2"
}

under_way() { # PLACE N: has it, and is it beyond its first step?
  began "$1" "$2" || return 1
  step=$("$TRIREME" status "$1/sets" | sed -n 's/^  step *\([0-9]*\).*/\1/p')
  [ "${step:-0}" -gt "$(session "$1" "$2" begin step)" ]
}

newest_step() { # PLACE: of its checkpoints
  "$TRIREME" ckpt ls "$1/sets" | sed -n 's/^[^ ]*\.h5 *\([0-9]*\) .*/\1/p' | head -n 1
}
