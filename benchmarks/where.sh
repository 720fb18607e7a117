#!/bin/sh
# where.sh [RESULTS.jsonl]: triad, heat and nbody on 1 rank, 2 ranks and 2 threads of
# one: rate, fraction of the roofline and ledger of each. The ceilings are those of
# `trireme machine`, which is to be run first.
set -eu
# shellcheck source=benchmarks/lib.sh
. "$(dirname "$0")/lib.sh"
results=${1:-$scratch/results.jsonl}
quiet_gate

# where RANKS THREADS KERNEL OPTION...
where() {
  r=$1 h=$2
  shift 2
  echo "== $1, $r x $h"
  ranks "$r" "$h" "$trireme" run "$@" --threads "$h" --quiet --result "$results" |
    awk '/^  [a-z]/ { show = $1 ~ /^(rate|roofline|ledger)$/ } show'
}

for shape in "1 1" "2 1" "1 2"; do
  # shellcheck disable=SC2086
  {
    where $shape triad --variant stream --steps 60
    where $shape heat --n 256 --steps 100
    where $shape nbody --n 16384 --steps 20
  }
done
