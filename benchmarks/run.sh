#!/bin/sh
# run.sh CLASS [DIR]; run.sh --list CLASS: each problem of suite.conf of a class (quick, node, cluster) as one
# study below DIR, one report over all of them in DIR/report, and a list of what missed
# its target. Given a DIR that was begun, it goes on there. The points are appended to
# results/HOST/KERNEL.jsonl. With --list nothing is run: it prints the seconds, the target
# and the patience of a study of the class, then a line for each problem, KERNEL MODE RANKS
# THREADS OPTIONS..., with the counts that fit on the cores. From the environment:
#   TRIREME_LAUNCHER   launcher of the studies, as `trireme study --launcher` takes it
#   TRIREME_CORES      cores there are to use; else those of this machine or of the job
#   TRIREME_HOST       name of the machine in results/; else the class of its nodes
#   TRIREME_SUITE      another suite.conf
#   TRIREME_RESULTS    another place than benchmarks/results; none: keep no results
set -eu
# shellcheck source=benchmarks/lib.sh
. "$(dirname "$0")/lib.sh"
unset OMP_PROC_BIND OMPI_MCA_mpi_yield_when_idle # a study binds by itself
suite=${TRIREME_SUITE:-$top/benchmarks/suite.conf}
results=${TRIREME_RESULTS:-$top/benchmarks/results}
list=
[ "${1:-}" != --list ] || { list=1 && shift; }
class=${1:-}
status=0
# a signal ends the study that runs, then this script
stopped=
trap 'stopped=1' INT TERM

stop() {
  echo "run.sh: stopped; to go on: sh benchmarks/run.sh $class $dir" >&2
  exit 75
}

die() {
  echo "run.sh: $*" >&2
  exit 2
}

[ -n "$list" ] || [ -x "$trireme" ] ||
  die "no $trireme: build first, see benchmarks/README.md"
[ -f "$suite" ] || die "$suite: no such file"
# shellcheck disable=SC2046 # words of a line
set -- "$class" "${2:-$build/suite/$class-$(date +%Y%m%d-%H%M%S)}" \
  $(awk -v class="$class" '$1 == "class" && $2 == class { print $3, $4, $5 }' "$suite")
[ $# = 5 ] || die "'$class': want a class, one of$(
  awk '$1 == "class" { printf " %s", $2 }' "$suite")"
dir=$2 budget=$3 target=$4 settle=$5

# Cores of a job under Slurm, else those of this machine; not its hardware threads.
count_cores() {
  if [ -n "${TRIREME_CORES:-}" ]; then
    echo "$TRIREME_CORES"
  elif [ -n "${SLURM_NTASKS:-}" ]; then
    echo $((SLURM_NTASKS * ${SLURM_CPUS_PER_TASK:-1}))
  else
    { lscpu -p=core,socket 2>/dev/null || seq "$(nproc)"; } | grep -v '^#' |
      sort -u | awk -v most="$(nproc)" 'END { print NR < most ? NR : most }'
  fi
}

# The problems of the class, one a line: RANKS THREADS as they stand in the file, KERNEL
# MODE, RANKS THREADS that fit on the cores (-: none), GOAL, OPTIONS...
problems() {
  awk -v class="$class" -v cores="$cores" '
    function fitting(list, each, count, n, i, some) {
      n = split(list, count, ",")
      for (i = 1; i <= n; i++)
        if (count[i] * each <= cores) some = some (some == "" ? "" : ",") count[i]
      return some == "" ? "-" : some
    }
    $1 == class {
      printf "%s %s %s %s %s %s", $4, $5, $2, $3, fitting($4, $5 + 0), fitting($5, $4 + 0)
      for (i = 6; i <= NF; i++) printf " %s", $i
      print ""
    }' "$suite"
}

# What a run says of this machine: "CLASS-OF-NODES FILE-OF-ITS-FIGURES".
machine_of_a_run() {
  rm -f "$scratch/result"
  ranks 1 1 "$trireme" run triad --n 1000 --steps 1 --threads 1 --quiet \
    --result "$scratch/result" >/dev/null
  sed -n 's/.*"machine":{"class":"\([^"]*\)","file":\([^}]*\)}.*/\1 \2/p' \
    "$scratch/result"
}

# one NAME GOAL KERNEL OPTION...: one study.
one() {
  name=$1 goal=$2 of=$3
  shift 2
  echo "== $name"
  code=0
  "$trireme" study "$@" --budget "${budget}s" --target "$target" --settle "$settle" \
    ${TRIREME_LAUNCHER:+--launcher "$TRIREME_LAUNCHER"} -o "$dir/$name" || code=$?
  [ $code != 75 ] || stopped=1
  [ -z "$stopped" ] || stop
  case $code in
  2) exit 2 ;;
  0) ;;
  *)
    echo "$name: the study ended with exit status $code" >>"$scratch/missed"
    status=1
    ;;
  esac
  [ -f "$dir/$name/points.jsonl" ] || return 0
  missed "$name" "$goal" <"$dir/$name/points.jsonl" >>"$scratch/missed"
  keep "$name" "$of"
}

# missed NAME GOAL: points on stdin that do not count, or whose interval is wider than
# the target; and the largest measured one, if not all of the interval of its efficiency
# lies above the goal.
missed() {
  awk -v name="$1" -v goal="$2" -v target="$target" '
    function value(key, at, rest) {
      at = index($0, "\"" key "\":")
      rest = at ? substr($0, at + length(key) + 3) : "null"
      if (match(rest, /^"([^"\\]|\\.)*"/)) return substr(rest, 2, RLENGTH - 2)
      sub(/[,}].*/, "", rest)
      return rest
    }
    {
      who = name ", " value("ranks") " x " value("threads")
      if (value("sizes") != "") who = who ", " value("sizes")
      if (value("valid") != "true") {
        print who ": does not count: " value("flaw")
        next
      }
      middle = value("seconds"); low = value("seconds_low"); high = value("seconds_high")
      half = (high - low) / 2 / middle
      if (value("level") + 0 < 0.949) # fewer than six
        print who ": " value("counted") " launches count, too few to know a median by"
      else if (half > target)
        printf "%s: known to %.1f %%, wanted %g %%\n", who, 100 * half, 100 * target
      if (value("origin") == "measured" && value("cores") + 0 > most) {
        most = value("cores") + 0
        reached = value("efficiency")
        least = value("efficiency_low") == "null" ? reached : value("efficiency_low")
        last = who
      }
    }
    END {
      if (goal == "-" || most < 2) exit
      if (reached == "null")
        print last ": its efficiency is not known; goal " goal
      else if (least + 0 < goal)
        printf "%s: efficiency %.2f, at least %.2f; goal %s\n", last, reached, least, goal
    }'
}

# keep NAME KERNEL: append the points of a study to the results of this machine, once
# after each time that it was launched.
keep() {
  [ "$results" != none ] || return 0
  sum=$(cksum <"$dir/$1/launches.jsonl")
  [ "$(cat "$dir/$1/kept" 2>/dev/null)" != "$sum" ] || return 0
  mkdir -p "$results/$host"
  # the study's own name is the path of its directory, which is nobody's business
  HEAD=$(printf '{"date":"%s","commit":"%s","study":"%s","options":"%s",' \
    "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$commit" "$class/$1" \
    "$(echo "$options" | sed 's/[\\"]/\\&/g')") awk '{
      line = substr($0, 2)
      if (match(line, /"study":"([^"\\]|\\.)*",/))
        line = substr(line, 1, RSTART - 1) substr(line, RSTART + RLENGTH)
      print ENVIRON["HEAD"] line
    }' "$dir/$1/points.jsonl" >"$scratch/points"
  cat "$scratch/points" >>"$results/$host/$2.jsonl"
  echo "$sum" >"$dir/$1/kept"
}

cores=$(count_cores)
case $cores in
*[!0-9]* | '' | 0) die "TRIREME_CORES '$cores': want a whole number of cores" ;;
esac
if [ -n "$list" ]; then
  echo "$budget $target $settle"
  problems | awk '$5 != "-" && $6 != "-"' | cut -d ' ' -f 3-6,8-
  exit
fi
commit=$("$trireme" version | awk '$1 == "commit" { print $2 }')
quiet_gate
case $(machine_of_a_run) in
*null)
  echo "== the machine, for the roofline"
  ranks "$cores" 1 "$trireme" machine --quick --dir none >"$scratch/machine" ||
    echo "run.sh: no figures of this machine, reports come without a roofline" >&2
  ;;
esac
host=${TRIREME_HOST:-$(machine_of_a_run | cut -d ' ' -f 1)}
: >"$scratch/missed"
problems >"$scratch/problems"
mkdir -p "$dir"
while read -r ranks threads kernel mode some_ranks some_threads goal options <&3; do
  [ -z "$stopped" ] || stop
  name=$kernel-$mode
  if [ "$some_ranks" = - ] || [ "$some_threads" = - ]; then
    echo "$name: left out, it begins with $ranks ranks x $threads threads on $cores cores" |
      tee -a "$scratch/missed"
    continue
  fi
  [ "$ranks $threads" = "$some_ranks $some_threads" ] ||
    echo "$name: counts that exceed $cores cores are left out of $ranks x $threads"
  # shellcheck disable=SC2086 # a list of words
  one "$name" "$goal" "$kernel" $options --mode "$mode" --ranks "$some_ranks" \
    --threads "$some_threads"
done 3<"$scratch/problems"

set --
for study in "$dir"/*/study.json; do
  [ ! -f "$study" ] || set -- "$@" "${study%/study.json}"
done
[ $# -gt 0 ] || die "$suite: no problem of $class fits on $cores cores"
"$trireme" report "$@" -o "$dir/report"
echo
echo "report   $dir/report/report.html"
[ "$results" = none ] || echo "results  $results/$host/"
if [ -s "$scratch/missed" ]; then
  echo "missed their targets:"
  sed 's/^/  /' "$scratch/missed"
else
  echo "nothing missed its target"
fi
! grep -q 'does not count' "$scratch/missed" || status=1
exit $status
