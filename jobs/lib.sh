# shellcheck shell=bash
# Sourced by the batch scripts in this folder and printed into those of the subcommand
# `job`: how a job launches ranks, forwards signals and acts on an exit status.
#
# Set by the script: modules, and TRIREME, the driver, or TRIREME_HOME, where it was built.
# Set it where Slurm does not: TRIREME_RANKS, TRIREME_THREADS, TRIREME_NODES, and
# TRIREME_WALLTIME, the time limit of the job in seconds.
# TRIREME_LAUNCHER=srun|mpirun: use this one; otherwise both are tried.
# TRIREME_CHAIN: the first of the jobs that continue one run; passed on to each next job.

arguments=("$@") # of the script
child=           # process of the launch
told=            # the signal that asked this job to stop
running_in=      # directory of checkpoints of a run that was told its deadline
stop_signal=USR1 # makes the child stop

job=${SLURM_ARRAY_JOB_ID:+${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID:-}}
job=${job:-${SLURM_JOB_ID:-}}
SECONDS=0 # since the script began
first=${job:-${PBS_JOBID:-${LSB_JOBID:-}}}
[ "${LSB_JOBINDEX:-0}" = 0 ] || first="${first}[$LSB_JOBINDEX]"
export TRIREME_CHAIN="${TRIREME_CHAIN:-$first}"

say() {
  echo "job: $*" >&2
}

# -- signals -------------------------------------------------------------------

# Repeated until the process has ended: before the ranks start, signals are lost.
insist() { # SIGNAL PROCESS
  while kill "-$1" "$2" 2>/dev/null; do sleep 5; done
}

# Is it the warning that the queue was asked for, so many seconds before the time limit?
# Slurm sends it up to a minute early.
is_warning() {
  local margin end
  margin=$(sed -n 's/^#SBATCH --signal=B:USR1@\([0-9]*\).*/\1/p' "$0")
  end=$(date -d "$(job_field EndTime)" +%s 2>/dev/null)
  [ -n "$margin" ] && [ -n "$end" ] && [ $((end - $(date +%s))) -le $((margin + 65)) ]
}

# A run that knows its end, by --deadline auto, needs no warning: it uses the time up to its
# own last checkpoint.
is_in_vain() {
  [ -n "$running_in" ] && grep -q '"deadline":[0-9]' "$running_in/status.json" 2>/dev/null &&
    is_warning && [ "$(job_field JobState)" = RUNNING ] && ! is_preempted
}

stop() { # SIGNAL
  if [ "$1" = USR1 ] && is_in_vain; then
    say "warned by the queue: the run knows its end"
    return
  fi
  if [ -z "$told" ] && [ -n "$child" ]; then insist $stop_signal "$child" & fi
  told=$1
}

request_checkpoint() {
  [ -z "$child" ] || kill -USR2 "$child" 2>/dev/null
}

# Set now: otherwise a signal would end the script while it sets up or requeues itself.
# LSF sends SIGUSR2 at the time limit.
trap 'stop USR1' USR1
trap 'stop TERM' TERM
trap 'request_checkpoint' USR2
[ -z "${LSB_JOBID:-}" ] || trap 'stop USR2' USR2

# wait_for COMMAND...: run it. SIGUSR1 and SIGTERM stop it with a checkpoint, SIGUSR2
# makes it write one. The command runs in the background: while one runs in the foreground
# the shell handles no signals.
wait_for() {
  local status
  "$@" &
  child=$!
  if [ -n "$told" ]; then insist $stop_signal $child & fi
  while kill -0 $child 2>/dev/null; do wait $child; done
  wait $child
  status=$?
  child=
  return $status
}

# patiently COMMAND...: retry it for a minute, while Slurm's controller restarts
patiently() {
  local pause
  for pause in 1 2 4 8 16 32; do
    "$@" && return
    sleep $pause
  done
  "$@"
}

# -- launching -----------------------------------------------------------------

find_driver() {
  local place=${TRIREME_HOME:-.}
  if [ -n "${TRIREME:-}" ]; then
    trireme=$(command -v "$TRIREME") && return
    say "$TRIREME: no such program; set TRIREME to the path of the driver"
    exit 3
  fi
  trireme=$place/build/trireme
  [ -x "$trireme" ] || trireme=$place/bin/trireme
  [ -x "$trireme" ] || trireme=$(command -v trireme) && return
  say "no trireme in $place/build, $place/bin or PATH; set TRIREME_HOME"
  exit 3
}

# Without its MPI plug-in srun starts each task as a run of one rank. It works if two tasks
# form one run.
srun_works() {
  command -v srun >/dev/null && [ -n "$job" ] || return 1
  local some=$((ranks > 1 ? 2 : 1))
  launcher=srun
  for mpi in pmix pmi2; do
    srun --mpi=list 2>&1 | grep -qw "$mpi" || continue
    # shellcheck disable=SC2046 # a list of words
    timeout 60 $(launcher_words $some "$threads") "$trireme" doctor 2>/dev/null |
      grep -q "^launch: $some rank" && return
  done
  return 1
}

# Ranks can be bound only if each thread has a core; otherwise they are oversubscribed.
have_cores() {
  local hosts=${TRIREME_NODES:-${SLURM_NNODES:-1}} here
  here=$(((ranks + hosts - 1) / hosts))
  [ $((here * threads)) -le "$(env -u OMP_NUM_THREADS nproc)" ]
}

# The batch system sends SIGTERM to all processes of a job. mpirun and its daemons then end
# the ranks within a second. With the signal blocked in them, the ranks, which receive it
# too, have the whole time until SIGKILL.
deafen_mpirun() {
  deaf="env --block-signal=TERM"
  if $deaf true 2>/dev/null; then
    export OMPI_MCA_orte_launch_agent="$deaf orted"
    export TRIREME_GRACE="${TRIREME_GRACE:-$(kill_wait)}"
  else
    deaf=
  fi
}

kill_wait() { # seconds from SIGTERM to SIGKILL; 10 is usual for PBS and LSF
  [ -n "$job" ] || echo 10
  scontrol show config 2>/dev/null | sed -n 's/^KillWait *= *\([0-9]*\).*/\1/p'
}

choose_launcher() {
  bound="--bind-to core"
  have_cores || bound="--bind-to none --oversubscribe"
  if [ "${TRIREME_LAUNCHER:-}" != mpirun ] && srun_works; then
    export TRIREME_GRACE="${TRIREME_GRACE:-$(kill_wait)}"
  elif [ "${TRIREME_LAUNCHER:-}" != srun ] && command -v mpirun >/dev/null; then
    launcher=mpirun
    deafen_mpirun
  else
    say "no launcher: srun finds no MPI plug-in that works, and there is no mpirun"
    exit 3
  fi
}

# launcher_words RANKS THREADS
launcher_words() {
  case $launcher in
    srun)
      echo "srun --mpi=$mpi --ntasks=$1 --cpus-per-task=$2 --cpu-bind=cores" \
        "--export=ALL --wait=60"
      ;;
    mpirun) echo "$deaf mpirun -n $1 --map-by slot:PE=$2 $bound" ;;
  esac
}

load_modules() {
  local module
  for module in ${modules:-}; do module load "$module" || exit 3; done
}

set_up() {
  local tasks=$((${SLURM_NNODES:-1} * ${SLURM_NTASKS_PER_NODE:-1}))
  ranks=${TRIREME_RANKS:-${SLURM_NTASKS:-$tasks}}
  threads=${TRIREME_THREADS:-${SLURM_CPUS_PER_TASK:-1}}
  # no OMP_PROC_BIND: it puts all ranks that are not bound on the first cores
  export OMP_NUM_THREADS="$threads"
  load_modules
  find_driver
  choose_launcher
  say "$ranks x $threads by $(launcher_words "$ranks" "$threads")"
}

# -- running -------------------------------------------------------------------

# launch COMMAND...: on all ranks of the job
launch() {
  # shellcheck disable=SC2046 # a list of words
  wait_for $(launcher_words "$ranks" "$threads") "$@"
}

say_end() { # STATUS
  case $1 in
    0) say "exit status 0: done" ;;
    1) say "exit status 1: a wrong result" ;;
    2) say "exit status 2: bad input or usage" ;;
    3) say "exit status 3: a resource failed, or it made no progress" ;;
    75) say "exit status 75: stopped with a checkpoint" ;;
    early) say "stopped before the run began" ;;
    unbegun) say "the launcher failed, or was killed, before the run began" ;;
    killed) say "the run was killed, or had no time for a checkpoint" ;;
    *) say "exit status $1: killed" ;;
  esac
}

# run_once KERNEL [options]: one run; exits with its status
run_once() {
  local status
  set_up
  launch "$trireme" run "$@"
  status=$?
  say_end $status
  exit $status
}

# -- until done ----------------------------------------------------------------

job_field() { # NAME: a field of this job; empty if Slurm does not answer
  [ -n "$job" ] && scontrol -o show job "$job" 2>/dev/null | head -n 1 |
    sed -n "s/.*[[:space:]]$1=\([^ ]*\).*/\1/p"
}

log_of() { # DIR: its log of sessions; version 0.1.0 named it slots.jsonl
  if [ -e "$1/slots.jsonl" ]; then echo "$1/slots.jsonl"; else echo "$1/allocations.jsonl"; fi
}

sessions() { # DIR: the number of sessions that began
  local n
  n=$(grep -c '"event":"begin"' "$(log_of "$1")" 2>/dev/null)
  echo "${n:-0}"
}

# ended DIR BEFORE STATUS: the exit status of the run, from its log. That of a launcher may
# differ: mpirun returns 1 after a SIGTERM, srun 0 after a node was lost.
ended() {
  local noted
  if [ "$(sessions "$1")" = "$2" ]; then # the run did not begin
    case $3 in
      2 | 3) echo "$3" ;;
      *) if [ -n "$told" ]; then echo early; else echo unbegun; fi ;;
    esac
    return
  fi
  noted=$(tail -n 1 "$(log_of "$1")")
  case $noted in *'"state":"interrupted"'*) noted= ;; esac
  noted=$(echo "$noted" | sed -n 's/.*"event":"end".*"status":\([0-9]*\).*/\1/p')
  echo "${noted:-killed}"
}

# A session whose hosts Slurm took away does not count as one without progress, up to five
# times: the run itself may be what makes hosts fail.
excuse() { # DIR
  local log
  log=$(log_of "$1")
  awk '/"state":"stopped"/ { n = 0 } /"event":"excused"/ { n++ } END { exit n >= 5 }' \
    "$log" 2>/dev/null || return
  printf '{"schema":"trireme.slot/1","event":"excused","chain":"%s","at":%s}\n' \
    "$TRIREME_CHAIN" "$(date +%s)" >>"$log"
}

# Excuse the last session if Slurm requeued this job; the script marks its own requeueing.
excuse_requeued() { # DIR
  [ "${SLURM_RESTART_COUNT:-0}" -eq 0 ] || [ -e "$1.requeued" ] || excuse "$1"
  rm -f "$1.requeued"
}

is_preempted() {
  [ "$(job_field JobState)" = PREEMPTED ] ||
    case $(job_field PreemptTime) in '' | None) false ;; esac
}

# Slurm itself requeues jobs whose hosts it took away. Cancelled jobs stay cancelled.
is_left_to_slurm() {
  [ "$(job_field JobState)" != RUNNING ] && [ "$(job_field Reason)" != TimeLimit ] || return
  [ "$(job_field Requeue)" != 0 ] || ! is_preempted
}

successor() { # submit a job like this one, to start after it; prints its number
  local next
  next=$(env -u SLURM_RESTART_COUNT sbatch --parsable --export=ALL \
    --job-name="$SLURM_JOB_NAME" --partition="$SLURM_JOB_PARTITION" \
    ${SLURM_JOB_ACCOUNT:+--account="$SLURM_JOB_ACCOUNT"} \
    ${SLURM_JOB_QOS:+--qos="$SLURM_JOB_QOS"} \
    ${SLURM_ARRAY_TASK_ID:+--array="$SLURM_ARRAY_TASK_ID"} \
    ${SLURM_MEM_PER_CPU:+--mem-per-cpu="$SLURM_MEM_PER_CPU"} \
    ${SLURM_MEM_PER_NODE:+--mem="$SLURM_MEM_PER_NODE"} \
    --nodes="$SLURM_NNODES" --ntasks="$ranks" --cpus-per-task="$threads" \
    --time="$(job_field TimeLimit)" --no-requeue \
    --dependency="afterany:$job" "$0" "${arguments[@]}") && echo "${next%%;*}"
}

# resubmit DIR: requeue this job if that is allowed, else submit a job like it
resubmit() {
  local next
  if [ -n "${PBS_JOBID:-}" ]; then
    next=$(qsub -W "depend=afterany:$PBS_JOBID" -v "TRIREME_CHAIN=$TRIREME_CHAIN" "$0")
  elif [ -z "$(job_field JobState)" ]; then
    say "Slurm does not answer"
  elif is_left_to_slurm; then
    say "Slurm has ended this job: not requeued from here"
    return
  else
    ! is_preempted || excuse "$1"
    : >"$1.requeued"
    [ "$(job_field Requeue)" != 0 ] && scontrol requeue "$job" && say "requeued" && return
    next=$(successor)
  fi
  [ -n "${next:-}" ] && say "its successor is $next"
}

# PBS sends SIGTERM to a deleted job, as at the time limit.
is_deleted() {
  [ -n "${PBS_JOBID:-}" ] && [ "$told" = TERM ] &&
    [ $SECONDS -lt $((${TRIREME_WALLTIME:-0} - 30)) ]
}

# again DIR: put the job into the queue again, and exit
again() {
  if [ -n "${LSB_JOBID:-}" ]; then
    say "the queue takes it again" # BSUB -Q 75
  elif [ -z "$job${PBS_JOBID:-}" ]; then
    say "no batch system: start it again"
  elif is_deleted; then
    say "ended from outside: not submitted again"
  elif ! patiently resubmit "$1"; then
    say "could not be submitted again: submit it by hand; it resumes where it stopped"
    exit 3
  fi
  exit 75
}

deadline() { # of the run: only Slurm tells it when the job ends
  local left=$((${TRIREME_WALLTIME:-0} - 30 - SECONDS))
  if [ -z "${TRIREME_WALLTIME:-}" ]; then
    echo auto
  else
    echo $((left > 0 ? left : 1))s
  fi
}

# one_session DIR KERNEL [options]: the part of a run that fits into this job, with its
# checkpoints in DIR. Sets status: 0, 1, 2, 3, 75, killed, unbegun, early
one_session() {
  local dir=$1 before
  shift
  excuse_requeued "$dir"
  before=$(sessions "$dir")
  status=early
  if [ -z "$told" ]; then
    [ "$(deadline)" != auto ] || running_in=$dir
    launch "$trireme" run "$@" --checkpoint "$dir" --resume --deadline "$(deadline)"
    status=$(ended "$dir" "$before" $?)
  fi
  running_in=
  say_end "$status"
  case $status in unbegun | early) ;; *) rm -f "$dir.unbegun" "$dir.early" ;; esac
}

# After a failed launch use mpirun: a host that lost power keeps the sockets of Slurm's
# plug-in, and no step of the same number can start there.
prefer_launcher() { # DIR
  if [ -e "$1.unbegun" ] && command -v mpirun >/dev/null; then
    TRIREME_LAUNCHER=${TRIREME_LAUNCHER:-mpirun}
  fi
}

# tried_enough FILE: has the launch failed, or been stopped before the run began, three
# times? The file keeps the count. Preempted launches do not count.
tried_enough() {
  local failed
  ! is_preempted || return 1
  failed=$(($(cat "$1" 2>/dev/null || echo 0) + 1))
  echo "$failed" >"$1"
  [ "$failed" -gt 2 ] || return
  say "the launch failed $failed times: not submitted again"
  rm -f "$1"
}

# needs_another_job DIR STATUS: is the run to continue? Not after a failure (1, 2, 3); a
# run without progress ends with 3 itself. Sets status.
needs_another_job() {
  case $2 in
    75 | killed) return ;;
    unbegun | early) ! tried_enough "$1.$2" && return ;;
    *) return 1 ;;
  esac
  status=3
  return 1
}

# run_until_done DIR KERNEL [options]: in as many jobs as the run takes
run_until_done() {
  local status
  prefer_launcher "$1"
  set_up
  one_session "$@"
  ! needs_another_job "$1" "$status" || again "$1"
  exit "$status"
}

# run_in_chain DIR KERNEL [options]: the same, with the next job submitted first
run_in_chain() {
  local status next
  prefer_launcher "$1"
  set_up
  next=$(patiently successor) && say "the next job: $next"
  one_session "$@"
  if needs_another_job "$1" "$status"; then
    [ -n "$next" ] || again "$1"
    ! is_preempted || excuse "$1"
    exit 75
  fi
  [ -z "$next" ] || patiently scancel "$next"
  exit "$status"
}

# -- studies -------------------------------------------------------------------

# study DIR KERNEL [options]: the subcommand `study` with the job's launcher. If the script
# was given the argument `points`, each launch is a job of its own: this script with `point`
# and the command. A signal stops it; submitted again it resumes.
study() {
  local dir=$1 template status name=
  shift
  case ${arguments[0]:-} in
    point)
      set_up
      launch "${arguments[@]:1}"
      exit
      ;;
    points)
      load_modules
      find_driver
      mkdir -p "$dir.jobs"
      name="point-$(hostname -s)-$$"
      template="sbatch --wait --quiet --job-name=$name '--output=$dir.jobs/%j.out'"
      template="$template --ntasks={ranks} --cpus-per-task={threads} '$0' point {command}"
      set -- "$@" --timeout 1d
      trap 'stop INT' INT
      ;;
    *)
      set_up
      deaf= # a launch ends with its launcher
      unset OMPI_MCA_orte_launch_agent
      template="$(launcher_words "{ranks}" "{threads}") {command}"
      ;;
  esac
  stop_signal=TERM
  wait_for "$trireme" study "$@" --launcher "$template" -o "$dir"
  status=$?
  [ -z "$name" ] || scancel --quiet -u "$(id -un)" -n "$name"
  [ -z "$told" ] || say "stopped: submit it again to resume"
  exit $status
}
