#!/bin/sh
# A private Slurm of several nodes on this machine, without systemd; as root.
#
#   cluster.sh start DIR           munged, slurmctld and a slurmd a node, all in DIR
#   cluster.sh stop DIR            cancel the jobs, end what was started, by its pid
#   cluster.sh env DIR             the exports that clients need: eval "$(... env DIR)"
#   cluster.sh node-down DIR NODE  the node dies with all that runs on it
#   cluster.sh node-up DIR NODE    it comes back
#
# DIR: an absolute path of at most 60 characters, for the sake of unix sockets.
# From the environment: CLUSTER_NODES=4, CLUSTER_CPUS=4 and CLUSTER_MEMORY=2000 (MiB)
# of each; CLUSTER_TASKS=none, or affinity where the CPUs are those of this machine. With
# CLUSTER_OWNER=PID the cluster stops when that process ends. A node is a slurmd in
# namespaces of its own, so that Open MPI sees hosts; where namespaces are not allowed
# the nodes share a host name and /dev/shm.
set -eu
PATH=/usr/local/sbin:/usr/sbin:/sbin:$PATH
self=$(readlink -f "$0")

die() {
  echo "cluster: $*" >&2
  if [ -n "${starting:-}" ]; then
    starting=
    stop_all || true
  fi
  exit 1
}

# -- processes ----------------------------------------------------------------

# A pid is used again by others: it is ours while its start time is the recorded one.
stamp() {
  sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20
}

record() { # NAME PID
  echo "$2 $(stamp "$2")" >"$dir/run/$1"
}

state_of() {
  sed 's/.*) //; s/ .*//' "/proc/$1/stat" 2>/dev/null
}

is_alive() {
  s=$(state_of "$1") && [ -n "$s" ] && [ "$s" != Z ]
}

# recorded NAME: its pid, if that very process still lives
recorded() {
  [ -r "$dir/run/$1" ] || return 1
  read -r pid when <"$dir/run/$1"
  is_alive "$pid" && [ "$(stamp "$pid")" = "$when" ] && echo "$pid"
}

# await SECONDS COMMAND...: until it succeeds
await() {
  tries=$(($1 * 20))
  shift
  until "$@"; do
    tries=$((tries - 1))
    [ $tries -gt 0 ] || return 1
    sleep 0.05
  done
}

all_gone() {
  for p; do ! is_alive "$p" || return 1; done
}

children() {
  cat "/proc/$1/task/"*/children 2>/dev/null || true
}

with_children() { # PID...: they and all below them
  for p; do
    echo "$p"
    # shellcheck disable=SC2046 # a list of words
    with_children $(children "$p")
  done
}

# -- configuration ------------------------------------------------------------

nodes() {
  seq -f n%.0f "$nodes"
}

can_unshare() {
  unshare --uts --mount --ipc --pid --fork --mount-proc \
    sh -c 'hostname x && mount -t tmpfs tmpfs /dev/shm' 2>/dev/null
}

write_hosts() {
  echo "127.0.0.1 localhost"
  echo "127.0.0.1 $(hostname)"
  for n in $(nodes); do echo "127.0.0.1 $n"; done
}

# cred_expire: a requeued job waits so long. TmpFS of each node: PMIx makes a directory
# of one name there. No cgroups: memory is watched by sampling.
write_conf() {
  cat <<END
ClusterName=trireme
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort=$port
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CredType=cred/munge
AuthInfo=socket=$dir/munge/munge.sock,cred_expire=5
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool/%n
TmpFS=$dir/tmp/%n
SlurmctldPidFile=$dir/run/slurmctld.own
SlurmdPidFile=$dir/run/slurmd-%n.own
SlurmctldLogFile=$dir/log/slurmctld.log
SlurmdLogFile=$dir/log/slurmd-%n.log
SlurmctldDebug=verbose
SlurmdDebug=verbose
ProctrackType=proctrack/linuxproc
TaskPlugin=task/${CLUSTER_TASKS:-none}
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill,UsePss
MpiDefault=none
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
DefMemPerCPU=$((memory / cpus))
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc=$dir/log/jobcomp.txt
MinJobAge=3600
MailProg=/bin/true
SlurmctldParameters=preempt_send_user_signal
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0
SlurmdTimeout=6
SlurmctldTimeout=10
KillWait=8
UnkillableStepTimeout=20
MessageTimeout=10
TCPTimeout=2
ReturnToService=1
EnforcePartLimits=ALL
JobRequeue=1
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
NodeName=n[1-$nodes] NodeHostName=localhost NodeAddr=127.0.0.1 Port=[$((port + 1))-$((port + nodes))] CPUs=$cpus RealMemory=$memory State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES PriorityTier=5 PreemptMode=OFF MaxTime=INFINITE State=UP
PartitionName=low Nodes=ALL PriorityTier=1 PreemptMode=REQUEUE GraceTime=0 MaxTime=INFINITE State=UP
PartitionName=grace Nodes=ALL PriorityTier=1 PreemptMode=REQUEUE GraceTime=20 MaxTime=INFINITE State=UP
PartitionName=high Nodes=ALL PriorityTier=10 PreemptMode=OFF MaxTime=INFINITE State=UP
END
}

configure() {
  nodes=${CLUSTER_NODES:-4} cpus=${CLUSTER_CPUS:-4} memory=${CLUSTER_MEMORY:-2000}
  port=$((20000 + $(echo "$dir" | cksum | cut -d' ' -f1) % 500 * 20))
  apart=
  can_unshare && apart=yes
  umask 022
  for place in etc munge run log state spool tmp; do mkdir -p "$dir/$place"; done
  chmod 755 "$dir" "$dir/munge"
  for n in $(nodes); do mkdir -p "$dir/tmp/$n" "$dir/spool/$n"; done
  chmod 1777 "$dir/tmp" "$dir"/tmp/*
  write_hosts >"$dir/etc/hosts"
  write_conf >"$dir/etc/slurm.conf"
  : >"$dir/etc/plugstack.conf"
  echo "nodes=$nodes apart=$apart" >"$dir/etc/cluster"
}

load() {
  [ -r "$dir/etc/cluster" ] || die "no cluster in $dir"
  # shellcheck source=/dev/null
  . "$dir/etc/cluster"
  export SLURM_CONF="$dir/etc/slurm.conf"
}

# -- starting -----------------------------------------------------------------

start_munged() {
  mungekey --create --keyfile="$dir/munge/munge.key" || die "no key for munge"
  munged --foreground --num-threads=2 --key-file="$dir/munge/munge.key" \
    --socket="$dir/munge/munge.sock" --pid-file="$dir/munge/munged.pid" \
    --log-file="$dir/munge/munged.log" --seed-file="$dir/munge/seed" \
    --origin=127.0.0.1 </dev/null >>"$dir/log/munged.out" 2>&1 &
  record munged $!
  await 5 munge_answers || die "munged does not answer: $dir/munge/munged.log"
}

munge_answers() {
  munge -n -S "$dir/munge/munge.sock" >/dev/null 2>&1
}

start_controller() {
  setsid slurmctld -D </dev/null >>"$dir/log/slurmctld.out" 2>&1 &
  record slurmctld $!
  await 10 controller_answers ||
    die "slurmctld does not answer: $dir/log/slurmctld.log"
}

controller_answers() {
  scontrol ping 2>/dev/null | grep -q 'is UP'
}

start_node() { # the recorded pid is the first one of the namespace, if it has one
  log=$dir/log/slurmd-$1.out
  if [ -z "$apart" ]; then
    setsid slurmd -D -N "$1" </dev/null >>"$log" 2>&1 &
    record "node-$1" $!
    return
  fi
  setsid unshare --uts --mount --ipc --pid --fork --kill-child --mount-proc -- \
    sh "$self" inside "$dir" "$1" </dev/null >>"$log" 2>&1 &
  outer=$!
  record "outer-$1" $outer
  await 5 has_child $outer || die "no namespace for $1: $log"
  record "node-$1" "$(children $outer | cut -d' ' -f1)"
}

has_child() {
  [ -n "$(children "$1")" ]
}

# The first process of a node's namespaces: sets them up, runs slurmd, reaps orphans.
inside() {
  hostname "$1"
  mount -t tmpfs -o size=256m,mode=1777 tmpfs /dev/shm
  mount --bind "$dir/etc/hosts" /etc/hosts
  slurmd -D -N "$1" &
  daemon=$!
  trap 'kill -TERM $daemon' TERM
  while kill -0 $daemon 2>/dev/null; do wait $daemon || true; done
}

# A test that is killed leaves nothing behind.
watch_owner() {
  while kill -0 "$1" 2>/dev/null; do sleep 1; done
  [ ! -e "$dir/run/munged" ] || exec sh "$self" stop "$dir"
}

nodes_idle() {
  [ "$(sinfo -h -N -p main -t idle -o %N 2>/dev/null | wc -l)" = "$nodes" ]
}

start() {
  [ "$(id -u)" = 0 ] || die "must be root"
  [ ! -e "$dir/run/munged" ] || die "$dir: there is a cluster already"
  starting=yes
  trap 'die interrupted' INT TERM HUP
  configure
  load
  start_munged
  start_controller
  for n in $(nodes); do start_node "$n"; done
  await 20 nodes_idle || die "the nodes did not come up: $dir/log"
  starting=
  trap - INT TERM HUP
  if [ -n "${CLUSTER_OWNER:-}" ]; then
    watch_owner "$CLUSTER_OWNER" </dev/null >/dev/null 2>&1 &
  fi
}

# -- nodes that fail ----------------------------------------------------------

# Without namespaces, slurmstepds leave their slurmd; they are known by their sockets.
steps_of() {
  for socket in "$dir/spool/$1/$1"_*; do
    [ -S "$socket" ] || continue
    inode=$(awk -v s="$socket" '$8 == s { print $7 }' /proc/net/unix)
    for p in $(pgrep -x slurmstepd); do
      if [ -n "$inode" ] &&
        find "/proc/$p/fd" -lname "socket:\[$inode\]" 2>/dev/null | grep -q .; then
        echo "$p"
      fi
    done
  done | sort -un
}

node_down() {
  first=$(recorded "node-$1") || die "$1 does not run"
  all=$first
  # shellcheck disable=SC2046
  [ -n "$apart" ] || all="$first $(with_children $(steps_of "$1"))"
  # shellcheck disable=SC2086
  kill -KILL $all 2>/dev/null || true
  # shellcheck disable=SC2086
  await 10 all_gone $all || die "$1 does not die"
  rm -f "$dir/run/node-$1" "$dir/run/outer-$1"
  scontrol update nodename="$1" state=down reason="node-down"
}

node_ready() {
  case $(sinfo -h -n "$1" -p main -o %T 2>/dev/null) in
    idle | mixed | allocated | completing) return 0 ;;
    down*) scontrol update nodename="$1" state=resume 2>/dev/null ;;
  esac
  return 1
}

# As after booting: with an empty /tmp, and without the sockets of steps that were killed,
# at which steps of these numbers would fail.
node_up() {
  rm -rf "$dir/tmp/$1" "$dir/spool/$1/stepd.slurm.pmix."*
  mkdir -m 1777 "$dir/tmp/$1"
  start_node "$1"
  await 20 node_ready "$1" || die "$1 does not come back"
}

# -- stopping -----------------------------------------------------------------

no_jobs() {
  [ -z "$(squeue -h -t R,CG,S,PD -o %A 2>/dev/null)" ]
}

# Pending ones first, or they begin; then what is left, at once.
cancel_jobs() {
  controller_answers || return 0
  squeue -h -t PD,S -o %A | sort -u | xargs -r scancel 2>/dev/null || true
  squeue -h -t R,CG -o %A | sort -u |
    xargs -r scancel --full -s KILL 2>/dev/null || true
  squeue -h -o %A | sort -u | xargs -r scancel 2>/dev/null || true
  await 10 no_jobs || squeue >&2
}

end() { # PID...
  # shellcheck disable=SC2086
  kill -TERM "$@" 2>/dev/null || true
  await 8 all_gone "$@" && return
  kill -KILL "$@" 2>/dev/null || true
  await 5 all_gone "$@" || die "still there: $*"
}

stop_all() {
  all=
  cancel_jobs
  for n in $(nodes); do
    # shellcheck disable=SC2046
    [ -n "$apart" ] || end $(with_children $(steps_of "$n"))
    all="$all $(recorded "node-$n" || true) $(recorded "outer-$n" || true)"
  done
  # shellcheck disable=SC2046,SC2086
  end $all $(recorded slurmctld || true)
  # shellcheck disable=SC2046
  end $(recorded munged || true)
  rm -rf "$dir/run"
}

# What a client and its jobs need; Open MPI is told what it cannot see: that the nodes
# are one machine.
print_env() {
  transport=self,vader,tcp
  # they would share vader's files in /dev/shm, and crash
  [ -n "$apart" ] || transport=self,tcp
  cat <<END
export SLURM_CONF=$dir/etc/slurm.conf
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_oob_tcp_if_include=lo OMPI_MCA_btl_tcp_if_include=lo
export OMPI_MCA_pml=ob1 OMPI_MCA_btl=$transport
export OMPI_MCA_mpi_yield_when_idle=1 OMPI_MCA_orte_tmpdir_base=$dir/tmp
unset OMPI_MCA_hwloc_base_binding_policy OMPI_MCA_rmaps_base_oversubscribe
END
}

[ $# -ge 2 ] || {
  sed -n '2,/^set/s/^# \{0,1\}//p' "$self"
  exit 2
}
dir=$2
case $dir in
  /*) [ ${#dir} -le 60 ] || die "$dir: more than 60 characters" ;;
  *) die "$dir: want an absolute path" ;;
esac
case $1 in
  start) start ;;
  stop) load && stop_all ;;
  env) load && print_env ;;
  node-down) load && node_down "$3" ;;
  node-up) load && node_up "$3" ;;
  inside) load && inside "$3" ;;
  *) die "$1: no such command" ;;
esac
