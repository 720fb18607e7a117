# shellcheck shell=bash
# Sourced by the batch scripts beside this file, and printed into those of `trireme job`:
# how a job launches, hands signals on, and what it does with an exit status.
#
# From the script: modules, ranks, threads, nodes (else Slurm's), deadline (else Slurm's),
# and TRIREME, the driver, or TRIREME_HOME, where it was built.
# TRIREME_LAUNCHER=srun|mpirun: instead of finding out which of them works.

arguments=("$@") # of the script
say() {
  echo "job: $*" >&2
}

find_driver() {
  local place=${TRIREME_HOME:-.}
  trireme=${TRIREME:-$place/build/trireme}
  [ -x "$trireme" ] || trireme=$place/bin/trireme
  [ -x "$trireme" ] || trireme=$(command -v trireme) && return
  say "no trireme in $place/build, $place/bin or PATH; set TRIREME_HOME"
  exit 3
}

# Under srun without its MPI plug-in every task is a run of its own: two that find each
# other prove that it works.
srun_works() {
  command -v srun >/dev/null && [ -n "${SLURM_JOB_ID:-}" ] || return 1
  local some=$((ranks > 1 ? 2 : 1))
  for mpi in pmix pmi2; do
    srun --mpi=list 2>&1 | grep -qw "$mpi" || continue
    timeout 60 srun --mpi=$mpi --ntasks=$some --cpus-per-task="$threads" \
      "$trireme" doctor 2>/dev/null | grep -q "^launch: $some rank" && return
  done
  return 1
}

# Binding needs a core for each thread; more than that is for tests.
have_cores() {
  local hosts=${nodes:-${SLURM_NNODES:-1}} here
  here=$(((ranks + hosts - 1) / hosts))
  [ $((here * threads)) -le "$(env -u OMP_NUM_THREADS nproc)" ]
}

# At a SIGTERM, which the batch system sends to all processes of a job, mpirun and its
# daemons end the ranks within a second. Blocked there, it leaves the ranks, which get it
# too, all the time until SIGKILL.
deafen_mpirun() {
  deaf="env --block-signal=TERM"
  if $deaf true 2>/dev/null; then
    export OMPI_MCA_orte_launch_agent="$deaf orted"
    export TRIREME_GRACE="${TRIREME_GRACE:-$(kill_wait)}"
  else
    deaf=
  fi
}

kill_wait() { # seconds from SIGTERM to SIGKILL
  scontrol show config 2>/dev/null | sed -n 's/^KillWait *= *\([0-9]*\).*/\1/p'
}

choose_launcher() {
  launcher=${TRIREME_LAUNCHER:-}
  bound="--bind-to core"
  have_cores || bound="--bind-to none --oversubscribe"
  if [ "$launcher" != mpirun ] && srun_works; then
    launcher=srun
    export TRIREME_GRACE="${TRIREME_GRACE:-$(kill_wait)}"
  elif [ "$launcher" != srun ] && command -v mpirun >/dev/null; then
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
      echo "srun --mpi=$mpi --ntasks=$1 --cpus-per-task=$2 --cpu-bind=cores --wait=60"
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
  ranks=${ranks:-${SLURM_NTASKS:-$tasks}}
  threads=${threads:-${SLURM_CPUS_PER_TASK:-1}}
  # no OMP_PROC_BIND: where ranks are not bound it puts all on the first cores
  export OMP_NUM_THREADS="$threads"
  load_modules
  find_driver
  choose_launcher
  say "$ranks x $threads by $(launcher_words "$ranks" "$threads")"
}

# -- running -------------------------------------------------------------------

hand_on() {
  [ -z "${child:-}" ] || kill "-$1" "$child" 2>/dev/null
}

# wait_for COMMAND...: run it; SIGUSR1 and SIGTERM stop it with a checkpoint, SIGUSR2
# makes it write one. The shell waits in the background, or it would keep signals back
# until the end.
wait_for() {
  trap 'hand_on USR1' USR1 TERM
  trap 'hand_on USR2' USR2
  "$@" &
  child=$!
  while kill -0 $child 2>/dev/null; do wait $child; done
  wait $child
  local status=$?
  child=
  trap - USR1 USR2 TERM
  return $status
}

# launch COMMAND...: on all ranks of the job
launch() {
  # shellcheck disable=SC2046 # a list of words
  wait_for $(launcher_words "$ranks" "$threads") "$@"
}

why() { # STATUS
  case $1 in
    0) echo "done" ;;
    1) echo "a wrong result" ;;
    2) echo "bad input or usage" ;;
    3) echo "a resource failed, or it made no progress" ;;
    75) echo "stopped with a checkpoint" ;;
    unbegun) echo "the launcher failed, or was killed, before the run began" ;;
    *) echo "killed" ;;
  esac
}

# run_once KERNEL [options]: one run, whose exit status is the job's
run_once() {
  local status
  set_up
  launch "$trireme" run "$@"
  status=$?
  say "exit status $status: $(why $status)"
  exit $status
}

# -- until done ----------------------------------------------------------------

job_field() { # NAME: of this job, as Slurm sees it
  scontrol -o show job "$SLURM_JOB_ID" 2>/dev/null |
    sed -n "s/.*[[:space:]]$1=\([^ ]*\).*/\1/p"
}

sessions() { # DIR: that began
  grep -c '"event":"begin"' "$1/slots.jsonl" 2>/dev/null
}

# ended DIR BEFORE STATUS: the exit status of the run. Launchers have their own: mpirun
# says 1 after a SIGTERM, srun 0 after a node was lost. The run's is where it noted it.
ended() {
  local noted
  if [ "$(sessions "$1")" = "$2" ]; then # refused to begin, or was kept from it
    case $3 in 2 | 3) echo "$3" ;; *) echo unbegun ;; esac
    return
  fi
  noted=$(tail -n 1 "$1/slots.jsonl" | sed -n 's/.*"event":"end".*"status":\([0-9]*\).*/\1/p')
  echo "${noted:-killed}"
}

# In line again: the same job where requeueing is allowed, else one like it. What Slurm
# itself ended, but for the time limit, is left to Slurm: cancelled stays cancelled.
again() {
  if [ -n "${LSB_JOBID:-}" ]; then
    exit 75 # BSUB -Q 75
  elif [ -n "${PBS_JOBID:-}" ]; then
    say "its successor is $(qsub -W "depend=afterany:$PBS_JOBID" "$0")"
  elif [ -z "${SLURM_JOB_ID:-}" ]; then
    say "no batch system: start it again"
  elif [ "$(job_field JobState)" != RUNNING ] && [ "$(job_field Reason)" != TimeLimit ]; then
    say "Slurm has ended this job: not requeued from here"
  elif [ "$(job_field Requeue)" = 1 ]; then
    say "requeued"
    scontrol requeue "$SLURM_JOB_ID"
  else
    say "requeueing is not allowed; its successor is $(successor)"
  fi
  exit 75
}

successor() { # a job like this one, behind it; says its number
  sbatch --parsable --job-name="$SLURM_JOB_NAME" --partition="$SLURM_JOB_PARTITION" \
    --nodes="$SLURM_NNODES" --ntasks="$ranks" --cpus-per-task="$threads" \
    --time="$(job_field TimeLimit)" --no-requeue \
    --dependency="afterany:$SLURM_JOB_ID" "$0"
}

# one_slot DIR KERNEL [options]: of a run that needs several, with its checkpoints in
# DIR; sets status: 0, 1, 2, 3, 75, killed, unbegun
one_slot() {
  local dir=$1 before
  shift
  before=$(sessions "$dir")
  launch "$trireme" run "$@" --checkpoint "$dir" --resume \
    --deadline "${deadline:-auto}"
  status=$(ended "$dir" "$before" $?)
  say "exit status $status: $(why "$status")"
  [ "$status" = unbegun ] || rm -f "$dir.unbegun"
}

# After a launch in vain, by mpirun: a host that lost power kept the sockets of Slurm's
# plug-in, and no step of the same number starts there again.
prefer_launcher() { # DIR
  if [ -e "$1.unbegun" ] && command -v mpirun >/dev/null; then
    TRIREME_LAUNCHER=${TRIREME_LAUNCHER:-mpirun}
  fi
}

# once_more DIR: a launch that failed is tried again twice, as it may be a host's fault
once_more() {
  local failed
  failed=$(($(cat "$1.unbegun" 2>/dev/null || echo 0) + 1))
  echo "$failed" >"$1.unbegun"
  [ "$failed" -le 2 ] && return
  say "launched $failed times in vain: not submitted again"
  rm -f "$1.unbegun"
  return 1
}

# run_until_done DIR KERNEL [options]: in as many slots as that takes. What failed
# (1, 2, 3) is not tried again; a run that gets nowhere says 3 by itself.
run_until_done() {
  local status
  prefer_launcher "$1"
  set_up
  one_slot "$@"
  case $status in
    75 | killed) again ;;
    unbegun)
      once_more "$1" && again
      exit 3
      ;;
  esac
  exit "$status"
}

# run_in_chain DIR KERNEL [options]: the same, with the next job in the queue already
run_in_chain() {
  local status next
  prefer_launcher "$1"
  set_up
  next=$(successor) || exit 3
  say "the next slot: job $next"
  one_slot "$@"
  case $status in
    75 | killed) exit 75 ;;
    unbegun)
      once_more "$1" && exit 75
      status=3
      ;;
  esac
  scancel "$next"
  exit "$status"
}

# -- studies -------------------------------------------------------------------

# study DIR KERNEL [options]: `trireme study` with the job's launcher. Where the script
# has the argument `points`, each launch is a job of its own: this script again, with
# `point` and the command.
study() {
  local dir=$1 template
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
      template="sbatch --wait --quiet --output=$dir.jobs/%j.out --ntasks={ranks}"
      template="$template --cpus-per-task={threads} $0 point {command}"
      set -- "$@" --timeout 1d
      ;;
    *)
      set_up
      template="$(launcher_words "{ranks}" "{threads}") {command}"
      ;;
  esac
  wait_for "$trireme" study "$@" --launcher "$template" -o "$dir"
  exit
}
