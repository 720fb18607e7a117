# shellcheck shell=sh
# Sourced by the scripts of this folder: quiet machine, launches, medians.

top=$(cd "$(dirname "$0")/.." && pwd)
build=${TRIREME_BUILD:-$top/build}
trireme=$build/trireme
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export OMP_PROC_BIND=true OMPI_MCA_mpi_yield_when_idle=0
if [ "$(id -u)" = 0 ]; then
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi

# Ticks of all processors so far: busy, taken away by the host, all.
ticks() {
  awk '/^cpu / { busy = $2 + $3 + $4 + $7 + $8
    print busy, $9, busy + $5 + $6 + $9 }' /proc/stat
}

# shares BEFORE: since those ticks, in percent: "LOAD STEAL".
shares() {
  echo "$1 $(ticks)" | awk '{ all = $6 > $3 ? $6 - $3 : 1
    printf "%.1f %.1f\n", 100 * ($4 - $1) / all, 100 * ($5 - $2) / all }'
}

# What others have of the processors, looked at for two seconds: "LOAD STEAL".
others() {
  before=$(ticks)
  sleep 2
  shares "$before"
}

# Says so when something else wants the processors.
quiet_gate() {
  others | awk '$1 > 5 || $2 > 2 {
    printf "NOT QUIET: other load %.0f %%, steal %.0f %%\n", $1, $2 }'
}

# ranks 2 1: two ranks of one thread, each on a core of its own.
# ranks 1 2: one rank of two threads.
ranks() {
  n=$1 t=$2
  shift 2
  bind=core
  [ "$t" -gt 1 ] && bind=none
  OMP_NUM_THREADS=$t timeout 300 mpirun -n "$n" --bind-to $bind "$@"
}

# rate RANKS THREADS KERNEL OPTION...: updates per second in G/s.
rate() {
  r=$1 h=$2 kernel=$3
  shift 3
  rm -f "$scratch/result"
  ranks "$r" "$h" "$trireme" run "$kernel" --threads "$h" --quiet \
    --result "$scratch/result" "$@" >/dev/null 2>"$scratch/err" ||
    { cat "$scratch/err" >&2; exit 1; }
  sed 's/.*"rate":{"value":\([0-9.e+]*\).*/\1/' "$scratch/result" |
    awk '{ print $1 * 1e-9 }'
}

# Minimum, median and maximum of a column of numbers.
summary() {
  sort -g | awk '{ v[NR] = $1 } END {
    printf "%.3f %.3f %.3f", v[1], v[int((NR + 1) / 2)], v[NR] }'
}

# ratio A B: median and range of the paired ratios of two files of numbers.
ratio() {
  paste "$1" "$2" | awk '{ print $1 / $2 }' | summary
}

# interval A B: median of the paired ratios of two files of numbers, and between which
# of them in order of size it lies with at least 95 % (of the binomial distribution:
# nothing is assumed of the noise); fewer than 6 pairs: their range, which has less.
interval() {
  paste "$1" "$2" | awk '{ print $1 / $2 }' | sort -g | awk '
    { v[NR] = $1 }
    END {
      for (tail = term = 0.5 ^ NR; tail <= 0.025; k++) {
        term *= (NR - k) / (k + 1)
        tail += term
      }
      low = k > 0 ? k : 1
      middle = (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2
      printf "%.3f %.3f %.3f", middle, v[low], v[NR + 1 - low] }'
}
